import type { Chooser } from '@postulate/models';
import { runningSums } from './resampler.ts';

/** `count` independent indices, index i with probability Wᵢ (Gordon, Salmond & Smith 1993). */
export function multinomialResample(weights: Float64Array, count: number, chooser: Chooser): Int32Array {
  const { uniform } = chooser;
  if (uniform === undefined) {
    const logs = weights.map(Math.log);
    return Int32Array.from({ length: count }, () => chooser.choose(logs));
  }
  const sums = runningSums(weights);
  return Int32Array.from({ length: count }, () => bisect(sums, uniform() * sums[sums.length - 1]));
}

function bisect(sums: Float64Array, u: number): number {
  let lo = 0;
  let hi = sums.length - 1;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (sums[middle] > u) hi = middle;
    else lo = middle + 1;
  }
  return lo;
}
