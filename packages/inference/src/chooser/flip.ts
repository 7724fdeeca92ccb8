import type { Chooser } from '@postulate/models';
import { log1mexp } from '../numeric/index.ts';

/** True with probability exp(logProbability) ≤ 1. What is certain either way takes no randomness. */
export function flip(chooser: Chooser, logProbability: number): boolean {
  if (logProbability >= 0) return true;
  if (logProbability === -Infinity) return false;
  if (chooser.uniform) return chooser.uniform() < Math.exp(logProbability);
  return chooser.choose([log1mexp(logProbability), logProbability]) === 1;
}
