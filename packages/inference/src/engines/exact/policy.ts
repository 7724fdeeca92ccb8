import type { LanguageModel } from '@postulate/models';
import {
  addLogs,
  backwardTerms,
  blameByDp,
  blameByListing,
  componentsOf,
  evaluateListing,
  termsOf,
  weightOf,
  zeroMass,
  type Listing,
  type Problem,
} from '../../dp/index.ts';
import { listedPolicy, twistedPolicy } from '../../policies/index.ts';
import type { NoMachine, Progress } from '../../port/index.ts';
import { lookaheadTwist } from '../../twists/index.ts';
import type { ExactOptions } from './options.ts';

/**
 * The posterior as a language model, from its backward passes; a reason where some factor has no automaton or the tables
 * are too large. Throws P403 where the posterior is empty.
 */
export function* policyByDp(problem: Problem, options: ExactOptions): Generator<Progress, LanguageModel | NoMachine> {
  const { prior } = problem;
  const sum = termsOf(prior, problem.factors, { maxStates: options.maxStates, maxTokens: prior.maxTokens });
  if ('reason' in sum) return sum;
  const solved = yield* backwardTerms(sum, prior.maxTokens, options);
  if ('reason' in solved) return solved;
  if (solved.every((t) => t.logZ === -Infinity)) throw zeroMass(problem, yield* blameByDp(problem, options));
  const weights = componentsOf(prior).filter((c) => c.weight > 0);
  const logWeights = Float64Array.from(weights, (c) => Math.log(c.weight));
  return twistedPolicy(prior, lookaheadTwist(solved, logWeights, true, true), 1);
}

/** The same from a list of all sequences. Throws P403 where none has a positive weight. */
export async function* policyByListing(problem: Problem, listing: Listing): AsyncGenerator<Progress, LanguageModel> {
  const factors = yield* evaluateListing(problem, listing, problem.factors.map(weightOf));
  const logWeights = addLogs(listing.size, [listing.logPrior, ...factors]);
  if (logWeights.every((w) => w === -Infinity)) throw zeroMass(problem, blameByListing(problem, factors));
  return listedPolicy(problem.prior, listing, logWeights);
}
