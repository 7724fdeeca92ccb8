import type { Law, Rows } from './causal-model.ts';

/** Which of a model's own columns are no tokens of a text. */
export interface Columns {
  /** Number of the model's columns. */
  readonly size: number;
  /** Tokens that end a text: their mass is the end. */
  readonly ends: readonly number[];
  /** Columns without mass: the ends, and those that no token belongs to. */
  readonly never: ArrayLike<number>;
}

/**
 * Turns a row of a model's logits, `logits[from … from + size)`, into a law of `size + 1` columns at `out[at …]`: the mass of all ends in
 * the last column, none in columns that are never a token of a text, a sum of 1.
 */
export function foldLogits(
  logits: ArrayLike<number>,
  from: number,
  { size, ends, never }: Columns,
  out: Rows,
  at: number,
  law: Law,
): void {
  let most = -Infinity;
  for (let i = 0; i < size; i++) if (logits[from + i] > most) most = logits[from + i];
  const end = ends.reduce((sum, w) => sum + Math.exp(logits[from + w] - most), 0);
  let total = end;
  const blank = new Set(Array.from(never));
  for (let i = 0; i < size; i++) if (!blank.has(i)) total += Math.exp(logits[from + i] - most);
  const shift = most + Math.log(total);
  const last = Math.log(end) - Math.log(total);
  for (let i = 0; i < size; i++) {
    const log = blank.has(i) ? -Infinity : logits[from + i] - shift;
    out[at + i] = law === 'logProbs' ? log : Math.exp(log);
  }
  out[at + size] = law === 'logProbs' ? last : Math.exp(last);
}
