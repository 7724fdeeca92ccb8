import type { SampledBatch } from '@postulate/models';
import { andThen, subBatch, weigh, type Maybe } from '../../bind/index.ts';
import { namedValues } from '../../diagnostics/index.ts';
import type { ImportanceState } from './state.ts';

/** Weighted proposals, stored flat: proposal `i` is `tokens[offsets[i] … offsets[i + 1])`. Logs in nats. */
export interface ProposalChunk {
  readonly size: number;
  readonly tokens: Int32Array;
  readonly offsets: Int32Array;
  readonly finished: Uint8Array;
  readonly logPrior: Float64Array;
  readonly logFactor: Float64Array;
  readonly logWeight: Float64Array;
  /** Index of the first factor whose weight is zero, the number of factors for the prior itself, −1 where none is. */
  readonly killer: Int32Array;
  /** Proposals of positive weight, and the values of each named function there. */
  readonly live: Int32Array;
  readonly values: readonly Float64Array[];
}

function gather(s: ImportanceState, sampled: SampledBatch): Maybe<ProposalChunk> {
  const { size, tokens, offsets, finished } = sampled;
  return andThen(weigh(s.target, s.request.proposal, sampled), ({ batch, logPrior, logFactor, killer, logWeight }) => {
    const live = Int32Array.from(logWeight.keys()).filter((i) => logWeight[i] > -Infinity);
    return andThen(namedValues(s.target.named, subBatch(batch, live)), (values) => {
      return { size, tokens, offsets, finished, logPrior, logFactor, logWeight, killer, live, values };
    });
  });
}

/** Draws and weighs batch `index` of the proposals. */
export function proposalChunk(s: ImportanceState, index: number): Maybe<ProposalChunk> {
  const count = Math.min(s.options.batch, s.most - index * s.options.batch);
  const law = s.request.proposal ?? s.target.prior;
  return andThen(law.sample(count, s.chooser.split(index)), (sampled) => gather(s, sampled));
}

/** Batches that the run takes. */
export const chunkCount = (s: ImportanceState): number => Math.ceil(s.most / s.options.batch);
