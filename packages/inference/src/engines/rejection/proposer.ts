import type { Chooser, LanguageModel, SampledBatch } from '@postulate/models';
import type { Maybe } from '../../bind/maybe.ts';

/** Draws from the prior, perhaps without texts that are known to have weight zero. */
export interface Proposer {
  sample(count: number, chooser: Chooser): Maybe<SampledBatch>;
  /** log of the prior mass that is still proposed. */
  logAlive(): number;
  /** Told of every rejected proposal of weight zero, by its row in the batch. */
  reject(batch: SampledBatch, row: number): void;
}

export function plainProposer(prior: LanguageModel): Proposer {
  return { sample: (count, chooser) => prior.sample(count, chooser), logAlive: () => 0, reject: () => undefined };
}
