import type { Chooser } from '@postulate/models';
import { multinomialResample } from './multinomial.ts';

/** A share this close below a whole number is that number: the difference is rounding. */
const ROUNDING = 1e-12;

/**
 * Residual resampling (Liu & Chen 1998): ⌊count · Wᵢ⌋ copies of index i for certain, and the rest drawn independently in
 * proportion to what is left of each.
 */
export function residualResample(weights: Float64Array, count: number, chooser: Chooser): Int32Array {
  const total = weights.reduce((a, b) => a + b, 0);
  const picked = new Int32Array(count);
  const left = new Float64Array(weights.length);
  let used = 0;
  weights.forEach((w, i) => {
    const share = (w / total) * count;
    const whole = Math.min(count - used, Math.floor(share + ROUNDING));
    picked.fill(i, used, used + whole);
    used += whole;
    left[i] = Math.max(0, share - whole);
  });
  if (used < count) picked.set(multinomialResample(left, count - used, chooser), used);
  return picked;
}
