import { choiceOffsets } from './choices.ts';
import type { SequenceBatch } from '@postulate/models';

type Rows = Float32Array | Float64Array;

/** Σ_v q(v) (log q(v) − log p(v)) of row `r`; 0 · log 0 counts nothing. Nats. */
function rowKl(logQ: Rows, logP: Rows, r: number, width: number): number {
  let sum = 0;
  for (let k = r * width; k < (r + 1) * width; k++) {
    if (logQ[k] > -Infinity) sum += Math.exp(logQ[k]) * (logQ[k] - logP[k]);
  }
  return sum;
}

/**
 * KL(π ‖ π₀) token by token, exactly along sampled prefixes: its sum over a text is an estimate of the whole divergence whose
 * variance is that of the prefixes alone (Amini, Vieira & Cotterell 2025; `algorithms.md` 2.6). One entry a choice, nats.
 */
export function tokenKls(logQ: Rows, logP: Rows, choices: number, width: number): Float64Array {
  const out = new Float64Array(choices);
  for (let r = 0; r < choices; r++) out[r] = rowKl(logQ, logP, r, width);
  return out;
}

/** What is still to come after each choice of a text: sums of the entries behind it, its own left out. */
export function sumsAfter(batch: SequenceBatch, values: Float64Array): Float64Array {
  const at = choiceOffsets(batch);
  const out = new Float64Array(values.length);
  for (let i = 0; i < batch.size; i++) {
    let sum = 0;
    for (let j = at[i + 1] - 1; j >= at[i]; j--) {
      out[j] = sum;
      sum += values[j];
    }
  }
  return out;
}

/** −∇ KL(π ‖ c) of a row by log π(v), in place of its log c: −π(v) (log π(v) − log c(v)), times a share; what π rules out counts nothing. */
export function divergenceRow(rows: Rows, logPi: Rows, from: number, width: number, share: number): void {
  for (let k = from; k < from + width; k++) {
    rows[k] = logPi[k] > -Infinity ? -Math.exp(logPi[k]) * (logPi[k] - rows[k]) * share : 0;
  }
}
