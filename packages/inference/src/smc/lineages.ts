import { logSumExp } from '../numeric/index.ts';
import type { Particles } from './particles.ts';

/**
 * What descends from one particle of the first generation counts as one unit: units are as good as independent, which
 * gives standard errors within a single run (Chan & Lai 2013; Lee & Whiteley 2018). log Σ weights of each unit, nats.
 */
export function lineageWeights({ size, eve, logWeight }: Particles): Float64Array {
  const largest = new Float64Array(size).fill(-Infinity);
  for (let i = 0; i < size; i++) if (logWeight[i] > largest[eve[i]]) largest[eve[i]] = logWeight[i];
  const sums = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    if (logWeight[i] > -Infinity) sums[eve[i]] += Math.exp(logWeight[i] - largest[eve[i]]);
  }
  for (let i = 0; i < size; i++) sums[i] = largest[i] === -Infinity ? -Infinity : largest[i] + Math.log(sums[i]);
  return sums;
}

/** Σ over lineages of the square of their share of the weight; 1 where everything descends from one particle. */
export function lineageSquares(lineages: Float64Array): number {
  const total = logSumExp(lineages);
  if (total === -Infinity) return 1;
  let squares = 0;
  for (const log of lineages) squares += Math.exp(2 * (log - total));
  return squares;
}
