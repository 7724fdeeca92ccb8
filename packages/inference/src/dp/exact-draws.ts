import type { Chooser } from '@postulate/models';
import { logSumExp } from '../numeric/index.ts';
import type { Draw, NoMachine } from '../port/index.ts';
import { samplerOf } from './draw.ts';
import type { Problem } from './problem.ts';
import { backwardTerms, type DpLimits } from './solve-terms.ts';
import { termsOf } from './terms.ts';

/** The tokens of an independent exact draw. */
export type ExactDraws = (chooser: Chooser) => Pick<Draw, 'tokens' | 'finished'>;

/** Exact draws of a posterior by dynamic programming; a reason where some factor has no automaton or nothing has mass. */
export function exactDraws(problem: Pick<Problem, 'prior' | 'factors'>, limits: DpLimits): ExactDraws | NoMachine {
  const { maxTokens } = problem.prior;
  const sum = termsOf(problem.prior, problem.factors, { maxStates: limits.maxStates, maxTokens });
  if ('reason' in sum) return sum;
  const work = backwardTerms(sum, maxTokens, limits);
  let step = work.next();
  while (!step.done) step = work.next();
  const solved = step.value;
  if ('reason' in solved) return solved;
  const alive = solved.filter((t) => t.logZ > -Infinity);
  if (alive.length === 0) return { reason: 'no text has a positive weight' };
  const samplers = alive.map((t) => samplerOf(t.b));
  const total = logSumExp(alive.map((t) => t.logZ));
  const shares = Float64Array.from(alive, (t) => t.logZ - total);
  return (chooser) => samplers[samplers.length === 1 ? 0 : chooser.choose(shares)].draw(chooser);
}
