import type { TableRows } from './table-rows.ts';

/**
 * Decay of the mean and of the mean square of the gradient, and what keeps a division finite (Kingma & Ba 2015). The square forgets
 * faster than is usual: as a logit falls towards −∞ its gradient does too, and steps have to keep up.
 */
const BETA1 = 0.9;
const BETA2 = 0.95;
const EPSILON = 1e-8;

/** Moments of the gradient, one an entry, and how often each row was visited. */
export interface AdamState {
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly visits: Float64Array;
}

export function makeAdam({ words, contexts }: TableRows): AdamState {
  return {
    first: new Float64Array(words.length),
    second: new Float64Array(words.length),
    visits: new Float64Array(contexts),
  };
}

/**
 * One step of Adam upwards along `gradient · scale` in row `h`. A row that was not visited keeps its moments, and its bias is
 * corrected by its own visits: the time that a row waited for says nothing of its gradient.
 */
export function adamRow(
  rows: TableRows,
  h: number,
  { first, second, visits }: AdamState,
  logits: Float64Array,
  gradient: Float64Array,
  scale: number,
  rate: number,
): void {
  const steps = ++visits[h];
  const a = rate / (1 - BETA1 ** steps);
  const b = 1 / (1 - BETA2 ** steps);
  for (let k = rows.rowStart[h]; k < rows.rowStart[h + 1]; k++) {
    const g = gradient[k] * scale;
    first[k] = BETA1 * first[k] + (1 - BETA1) * g;
    second[k] = BETA2 * second[k] + (1 - BETA2) * g * g;
    logits[k] += (a * first[k]) / (Math.sqrt(second[k] * b) + EPSILON);
  }
}
