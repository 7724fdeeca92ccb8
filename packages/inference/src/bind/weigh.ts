import type { LanguageModel, SampledBatch, TextBatch } from '@postulate/models';
import type { Target } from '../port/index.ts';
import { logFactors, type FactorWeights } from './density.ts';
import { all, type Maybe } from './maybe.ts';
import { withTexts as asTexts } from '../dp/texts.ts';

/** Proposals with their log weights γ(x)/q(x); all arrays have one entry a text, in nats. */
export interface WeighedBatch extends FactorWeights {
  readonly batch: TextBatch;
  /** Index of the first factor whose weight is zero, the number of factors for the prior itself, −1 where none is. */
  readonly killer: Int32Array;
  readonly logPrior: Float64Array;
  readonly logWeight: Float64Array;
}

/**
 * Weighs draws of the prior of a target with fitted moments, or of `proposal` where there is one: log prior + log φ − log q
 * of each, under the prior itself log φ without rounding.
 */
export function weigh(
  { prior, stages }: Target,
  proposal: LanguageModel | undefined,
  sampled: SampledBatch,
): Maybe<WeighedBatch> {
  const { factors } = stages[0];
  const batch = asTexts(prior.vocabulary, sampled);
  const priors = proposal === undefined ? sampled.logProbs : prior.logProb(batch);
  return all<Float64Array | FactorWeights, WeighedBatch>([priors, logFactors(factors, batch)], (found) => {
    const [logPrior, { logFactor, killer }] = found as [Float64Array, FactorWeights];
    if (proposal === undefined) return { batch, logPrior, logFactor, killer, logWeight: logFactor.slice() };
    const logWeight = logFactor.map((l, i) =>
      logPrior[i] === -Infinity ? -Infinity : l + logPrior[i] - sampled.logProbs[i],
    );
    const first = killer.map((k, i) => (logPrior[i] === -Infinity ? factors.length : k));
    return { batch, logPrior, logFactor, killer: first, logWeight };
  });
}
