import type { Chooser } from '@postulate/models';
import type { Draw, NoMachine } from '../port/index.ts';
import type { Problem } from './problem.ts';
import { backwardTerms, type DpLimits } from './solve-terms.ts';
import { sumLaw } from './sum-law.ts';
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
  if (solved.every((t) => t.logZ === -Infinity)) return { reason: 'no text has a positive weight' };
  const law = sumLaw(solved);
  return (chooser) => law.draw(chooser);
}
