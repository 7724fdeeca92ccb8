import type { Chooser } from '@postulate/models';
import { firstAbove } from '../numeric/index.ts';
import { runningSums } from './resampler.ts';

/** `count` independent indices, index i with probability Wᵢ (Gordon, Salmond & Smith 1993). */
export function multinomialResample(weights: Float64Array, count: number, chooser: Chooser): Int32Array {
  const { uniform } = chooser;
  if (uniform === undefined) {
    const logs = weights.map(Math.log);
    return Int32Array.from({ length: count }, () => chooser.choose(logs));
  }
  const sums = runningSums(weights);
  return Int32Array.from({ length: count }, () => firstAbove(sums, uniform() * sums[sums.length - 1]));
}
