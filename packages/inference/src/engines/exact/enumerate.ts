import type { Chooser } from '@postulate/models';
import {
  addLogs,
  blameByListing,
  evaluateListing,
  textOf,
  valueOf,
  weightOf,
  zeroMass,
  type Listing,
  type Problem,
} from '../../dp/index.ts';
import { logSumExp } from '../../numeric/index.ts';
import type { Draw, Progress } from '../../port/index.ts';
import { supportOf, type Solution, type TextProbability } from './solution.ts';
import { firstAbove } from '../../numeric/index.ts';

/**
 * Solves by listing every sequence of positive prior probability.
 * @throws P403 where none has a positive weight.
 */
export async function* solveByListing(problem: Problem, listing: Listing): AsyncGenerator<Progress, Solution> {
  const factors = yield* evaluateListing(problem, listing, problem.factors.map(weightOf));
  const { size, logPrior } = listing;
  const logFactor = addLogs(size, factors);
  const logWeight = addLogs(size, [logPrior, logFactor]);
  const logZ = logSumExp(logWeight);
  if (logZ === -Infinity) throw zeroMass(problem, blameByListing(problem, factors));
  const named = yield* evaluateListing(problem, listing, problem.named.map(valueOf));
  const probability = logWeight.map((l) => Math.exp(l - logZ));
  const mean = (values: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < size; i++) if (probability[i] > 0) sum += probability[i] * values[i];
    return sum;
  };
  const kl = mean(logFactor) - logZ;
  return {
    method: 'enumerate',
    logZ,
    entropy: Math.max(0, logZ - mean(logWeight)),
    klToPrior: Math.max(0, kl),
    expectations: Object.fromEntries(problem.named.map((f, i) => [f.name, mean(named[i])])),
    unavailable: {},
    support: supportOf(textsOf(problem, listing, probability)),
    extra: { sequences: size },
    draw: listingDrawer(listing, logFactor, logWeight, probability),
  };
}

function* textsOf(problem: Problem, listing: Listing, probability: Float64Array): Generator<TextProbability> {
  const { vocabulary } = problem.prior;
  for (let i = 0; i < listing.size; i++) {
    if (probability[i] === 0) continue;
    const tokens = listing.tokens.subarray(listing.offsets[i], listing.offsets[i + 1]);
    yield { text: textOf(vocabulary, tokens), probability: probability[i] };
  }
}

function listingDrawer(
  listing: Listing,
  logFactor: Float64Array,
  logWeight: Float64Array,
  probability: Float64Array,
): (chooser: Chooser) => Draw {
  let sums: Float64Array | undefined;
  return (chooser) => {
    let i: number;
    if (chooser.uniform === undefined) i = chooser.choose(logWeight);
    else i = atShare((sums ??= runningSums(probability)), chooser.uniform());
    return {
      tokens: listing.tokens.slice(listing.offsets[i], listing.offsets[i + 1]),
      finished: listing.finished[i] === 1,
      logPrior: listing.logPrior[i],
      logFactor: logFactor[i],
      logWeight: 0,
    };
  };
}

function runningSums(probability: Float64Array): Float64Array {
  let sum = 0;
  return probability.map((p) => (sum += p));
}

/** The index at the share `u` of the total. */
const atShare = (sums: Float64Array, u: number): number => firstAbove(sums, u * sums[sums.length - 1]);
