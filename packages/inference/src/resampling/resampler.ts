import type { Chooser } from '@postulate/models';

/** What resampling kept. */
export interface Resampled {
  /** Index of each kept item; an item kept several times stands there several times. */
  readonly picked: Int32Array;
  /** Share of the whole weight that each of them stands for; `E[Σ shares of item i] = Wᵢ`. */
  readonly shares: Float64Array;
}

/** Keeps at most `count` items of normalised weights, such that what item i stands for is Wᵢ in expectation. */
export type Resampler = (weights: Float64Array, count: number, chooser: Chooser) => Resampled;

/** Items that share the weight evenly. */
export function evenly(picked: Int32Array): Resampled {
  return { picked, shares: new Float64Array(picked.length).fill(1 / picked.length) };
}

/** Running sums of the weights, the last one exactly where the last positive weight leaves it. */
export function runningSums(weights: Float64Array): Float64Array {
  let sum = 0;
  return weights.map((w) => (sum += w));
}
