import type { Chooser } from '@postulate/models';
import { runningSums } from './resampler.ts';

/** A part of a stratum this short is rounding. */
const ROUNDING = 1e-15;

/**
 * Stratified resampling (Kitagawa 1996): one index from each of `count` equal strata of the distribution function,
 * independent of each other. Within a stratum the choice is among the few indices that share it.
 */
export function stratifiedResample(weights: Float64Array, count: number, chooser: Chooser): Int32Array {
  const sums = runningSums(weights);
  const total = sums[sums.length - 1];
  const last = weights.findLastIndex((w) => w > 0);
  const picked = new Int32Array(count);
  let first = 0;
  for (let k = 0; k < count; k++) {
    const lo = (k / count) * total;
    const hi = k === count - 1 ? total : ((k + 1) / count) * total;
    while (first < last && sums[first] <= lo) first++;
    const logs: number[] = [];
    for (let i = first; i <= last && (i === first || sums[i - 1] < hi); i++) {
      const from = i === first ? lo : sums[i - 1];
      const length = Math.min(i === last ? hi : sums[i], hi) - from;
      logs.push(length > ROUNDING * total ? Math.log(length) : -Infinity);
    }
    picked[k] = first + (logs.length === 1 ? 0 : chooser.choose(logs));
  }
  return picked;
}
