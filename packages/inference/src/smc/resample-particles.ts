import type { Chooser } from '@postulate/models';
import { logSumExp } from '../numeric/index.ts';
import type { Resampler } from '../resampling/index.ts';
import { isLive, reorderParticles, type Particles } from './particles.ts';

export interface Resampling {
  readonly particles: Particles;
  /** Row of before that each row of now continues. */
  readonly ancestors: Int32Array;
}

/**
 * Keeps `count` of the rows and spreads each over `expansion` rows, which share its weight: live ones are extended in
 * several ways, a complete one stands in the first of its rows alone. The sum of the weights stays in expectation.
 */
export function resampleParticles(
  p: Particles,
  count: number,
  expansion: number,
  resampler: Resampler,
  chooser: Chooser,
): Resampling {
  const logTotal = logSumExp(p.logWeight);
  const weights = new Float64Array(p.size);
  for (let i = 0; i < p.size; i++) weights[i] = Math.exp(p.logWeight[i] - logTotal);
  const { picked, shares } = resampler(weights, count, chooser);
  const ancestors = new Int32Array(p.size);
  const logWeight = new Float64Array(p.size).fill(-Infinity);
  for (let k = 0; k < picked.length; k++) {
    const row = picked[k];
    const ways = isLive(p, row) ? expansion : 1;
    for (let i = k * expansion; i < (k + 1) * expansion; i++) ancestors[i] = row;
    const own = logTotal + Math.log(shares[k]) - Math.log(ways);
    for (let i = k * expansion; i < k * expansion + ways; i++) logWeight[i] = own;
  }
  return { particles: reorderParticles(p, ancestors, logWeight), ancestors };
}
