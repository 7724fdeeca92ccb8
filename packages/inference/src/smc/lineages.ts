import { logSumExp } from '../numeric/index.ts';
import type { Particles } from './particles.ts';

/**
 * What descends from one particle of the first generation counts as one unit: units are as good as independent, which
 * gives standard errors within a single run (Chan & Lai 2013; Lee & Whiteley 2018). log Σ weights of each unit, nats.
 */
export function lineageWeights(p: Particles): Float64Array {
  const parts: number[][] = Array.from({ length: p.size }, () => []);
  p.logWeight.forEach((w, i) => parts[p.eve[i]].push(w));
  return Float64Array.from(parts, (w) => logSumExp(w));
}

/** Σ over lineages of the square of their share of the weight; 1 where everything descends from one particle. */
export function lineageSquares(p: Particles): number {
  const logs = lineageWeights(p);
  const total = logSumExp(logs);
  return total === -Infinity ? 1 : logs.reduce((sum, l) => sum + Math.exp(2 * (l - total)), 0);
}
