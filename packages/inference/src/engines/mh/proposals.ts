import type { Chooser, SampledBatch } from '@postulate/models';
import { andThen, asTexts, logFactors, type Maybe } from '../../bind/index.ts';
import type { ChainState, MhState } from './state.ts';

/** Independent draws of what is proposed from, weighed. */
export interface Proposals {
  readonly size: number;
  readonly tokens: number;
  state(i: number): ChainState;
  /** Index of the factor that gives text i weight zero, −1 where none does. */
  killer(i: number): number;
}

type Run = Pick<MhState, 'target' | 'factors' | 'request'>;

const NONE: Proposals = {
  size: 0,
  tokens: 0,
  state: () => {
    throw new RangeError('there are no proposals');
  },
  killer: () => -1,
};

/**
 * `count` texts of the prior, or of the law that the run proposes from, with their weights γ/q. From the prior that is
 * φ, and no model scores anything; from another law the prior scores each text once.
 */
export function propose({ target, factors, request }: Run, count: number, chooser: Chooser): Maybe<Proposals> {
  if (count === 0) return NONE;
  const { prior } = target;
  return andThen((request.proposal ?? prior).sample(count, chooser), (sampled) => {
    const texts = asTexts(prior.vocabulary, sampled);
    return andThen(logFactors(factors, texts), ({ logFactor, killer }) =>
      andThen(request.proposal ? prior.logProb(texts) : sampled.logProbs, (logPrior) => {
        const ratio = (i: number): number => (request.proposal ? logPrior[i] - sampled.logProbs[i] : 0);
        return {
          size: sampled.size,
          tokens: sampled.tokens.length,
          state: (i) => stateOf(sampled, i, logPrior[i], logFactor[i], logFactor[i] + ratio(i)),
          killer: (i) => killer[i],
        };
      }),
    );
  });
}

/** Row `i` of a batch as a state of a chain. */
export function stateOf(
  batch: SampledBatch,
  i: number,
  logPrior: number,
  logFactor: number,
  logWeight: number,
): ChainState {
  const tokens = batch.tokens.slice(batch.offsets[i], batch.offsets[i + 1]);
  return { tokens, finished: batch.finished[i] === 1, logPrior, logFactor, logWeight };
}
