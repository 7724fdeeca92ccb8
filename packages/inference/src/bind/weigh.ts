import type { Chooser, LanguageModel, TextBatch } from '@postulate/models';
import type { Target } from '../port/index.ts';
import { logFactors, type FactorWeights } from './density.ts';
import { andThen, type Maybe } from './maybe.ts';
import { asTexts } from './sub-batch.ts';

/** Proposals with their log weights γ(x)/q(x); all arrays have one entry a text, in nats. */
export interface WeighedBatch extends FactorWeights {
  readonly batch: TextBatch;
  readonly logPrior: Float64Array;
  /** log prior(x) + log φ(x) − log q(x), `-Infinity` where γ is zero. */
  readonly logWeight: Float64Array;
}

/** Draws `count` texts from the prior of a target with fitted moments, or from `proposal`, and weighs them. */
export function weigh(
  target: Target,
  proposal: LanguageModel | undefined,
  count: number,
  chooser: Chooser,
): Maybe<WeighedBatch> {
  return andThen((proposal ?? target.prior).sample(count, chooser), (sampled) => {
    const batch = asTexts(target.prior.vocabulary, sampled);
    const prior = proposal === undefined ? sampled.logProbs : target.prior.logProb(sampled);
    const { factors } = target.stages[0];
    return andThen(prior, (logPrior) =>
      andThen(logFactors(factors, batch), (weights): WeighedBatch => {
        const logWeight = weights.logFactor.map((f, i) => {
          if (proposal === undefined) return f;
          return f === -Infinity || logPrior[i] === -Infinity ? -Infinity : logPrior[i] + f - sampled.logProbs[i];
        });
        return { ...weights, batch, logPrior, logWeight };
      }),
    );
  });
}
