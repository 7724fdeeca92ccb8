import { fail, type PostError } from '@postulate/graph';
import { isMachine } from '../machine/index.ts';
import type { Factor, Progress } from '../port/index.ts';
import type { Problem } from './problem.ts';
import { backwardTerms, type DpLimits } from './solve-terms.ts';
import { termsOf } from './terms.ts';

/** The factors whose product first has no mass: one that has none alone, else the shortest prefix of the list. */
type Blamed = readonly Factor[];

/** The error of an empty posterior. */
export function zeroMass(problem: Problem, blamed: Blamed): PostError {
  const names = blamed.map((f) => `"${f.label}"`);
  const message =
    names.length === 0
      ? `posterior "${problem.name}" has no mass`
      : names.length === 1
        ? `posterior "${problem.name}" has no mass: no text that the prior can produce has a positive weight under ${names[0]}`
        : `posterior "${problem.name}" has no mass: no text that the prior can produce has a positive weight under ${names.slice(0, -1).join(', ')} and ${names.at(-1)} together`;
  return fail('P403', message, {
    span: blamed.at(-1)?.span,
    help: 'check spelling and max_tokens, or weaken the event, for example to exp(-k * indicator(not e)).',
  });
}

/** Finds the blame by asking the recursion about each factor alone and then about longer and longer products. */
export function* blameByDp(problem: Problem, limits: DpLimits): Generator<Progress, Blamed> {
  const alone = problem.factors.map((f) => [f]);
  const together = problem.factors.map((_, i) => problem.factors.slice(0, i + 1));
  for (const factors of [...alone, ...together]) {
    const sum = termsOf(
      problem.prior,
      factors,
      { maxStates: limits.maxStates, maxTokens: problem.prior.maxTokens },
      { powers: true },
    );
    if ('reason' in sum) continue;
    const solved = yield* backwardTerms(sum, problem.prior.maxTokens, limits);
    if (!('reason' in solved) && solved.every((t) => t.logZ === -Infinity)) return withoutIdle(factors);
  }
  return problem.factors;
}

/** The same from the factors' values on the whole support. */
export function blameByListing(problem: Problem, weights: readonly Float64Array[]): Blamed {
  const empty = (arrays: readonly Float64Array[]): boolean =>
    arrays[0].every((_, i) => arrays.some((a) => a[i] === -Infinity));
  const single = weights.findIndex((w) => empty([w]));
  if (single !== -1) return [problem.factors[single]];
  const upTo = weights.findIndex((_, i) => empty(weights.slice(0, i + 1)));
  return withoutIdle(problem.factors.slice(0, upTo + 1));
}

/** Leaves out factors that are positive everywhere and so cannot be to blame. */
function withoutIdle(factors: Blamed): Blamed {
  const culprits = factors.filter((f) => {
    const apart = f.ofPrior?.();
    const m = apart !== undefined && !('reason' in apart) ? apart.machine : f.machine();
    return !isMachine(m) || [m.finalEnd, m.finalStop, m.output ?? []].some((a) => Array.from(a).includes(-Infinity));
  });
  return culprits.length === 0 ? factors : culprits;
}
