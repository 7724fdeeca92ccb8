import type { Group } from './training.ts';

/**
 * Each value less the mean of the others of its group: Rᵢ − Σⱼ≠ᵢ Rⱼ / (K − 1). The others do not depend on text i, so the
 * gradient stays unbiased; a mean that includes Rᵢ would shrink it by (K − 1)/K (`algorithms.md` 2.1). Groups have at least two.
 */
export function leaveOneOut(values: Float64Array, groups: readonly Pick<Group, 'from' | 'to'>[]): Float64Array {
  const out = new Float64Array(values.length);
  for (const { from, to } of groups) {
    const k = to - from;
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i];
    for (let i = from; i < to; i++) out[i] = (k * values[i] - sum) / (k - 1);
  }
  return out;
}
