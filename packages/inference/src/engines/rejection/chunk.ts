import { fail } from '@postulate/graph';
import type { Chooser, SampledBatch, SequenceBatch } from '@postulate/models';
import { andThen, subBatch, weigh, type Maybe } from '../../bind/index.ts';
import { flip } from '../../chooser/index.ts';
import { namedValues } from '../../diagnostics/index.ts';
import { gatherFloats } from '../../numeric/index.ts';
import { takingTurns } from '../../work/index.ts';
import { batchesBefore } from './chunk-size.ts';
import type { Proposer } from './proposer.ts';
import type { RejectionState } from './state.ts';

/** Trials that shared one proposal distribution, in order. */
export interface TrialBatch {
  /** log of the prior mass that was proposed; 0 where nothing has been left out. */
  readonly logAlive: number;
  /** Texts drawn, and their tokens. */
  readonly sampled: number;
  readonly tokens: number;
  /** Texts judged: all of them, unless the chunk has enough. */
  readonly trials: number;
  /** Which trials accepted, from 0, what they drew, and the values of each named function there. Logs in nats. */
  readonly accepted: Int32Array;
  readonly texts: SequenceBatch;
  readonly logPrior: Float64Array;
  readonly logFactor: Float64Array;
  readonly values: readonly Float64Array[];
}

export interface TrialChunk {
  readonly batches: readonly TrialBatch[];
}

/** Judges a batch in order, up to the last accept wanted; the proposer learns what has weight zero. */
function judge(
  { logBound }: RejectionState,
  batch: SampledBatch,
  logWeight: Float64Array,
  wanted: number,
  proposer: Proposer,
  chooser: Chooser,
): { readonly accepted: Int32Array; readonly trials: number } {
  const accepted = new Int32Array(batch.size);
  let count = 0;
  let trials = 0;
  for (let i = 0; i < batch.size && count < wanted; i++) {
    trials++;
    const log = logWeight[i] - logBound;
    if (log > 1e-9) {
      throw fail('P900', `a text has log weight ${logWeight[i]}, above the proved bound ${logBound}`, {
        help: 'a factor broke its bound; with an extern, check its declared range',
      });
    }
    if (flip(chooser, log)) accepted[count++] = i;
    else if (log === -Infinity) proposer.reject(batch, i);
  }
  return { accepted: accepted.slice(0, count), trials };
}

/** Draws one batch and accepts each text with probability φ(x)/M. */
function trialBatch(
  s: RejectionState,
  count: number,
  wanted: number,
  proposer: Proposer,
  chooser: Chooser,
): Maybe<TrialBatch> {
  const logAlive = proposer.logAlive();
  return andThen(proposer.sample(count, chooser.split('propose')), (sampled) =>
    andThen(weigh(s.target, s.request.proposal, sampled), ({ batch, logPrior, logFactor, logWeight }) => {
      const { accepted, trials } = judge(s, sampled, logWeight, wanted, proposer, chooser.split('accept'));
      const drawn = subBatch(batch, accepted);
      return andThen(namedValues(s.target.named, drawn), (values) => {
        const { size, tokens, offsets, finished } = drawn;
        return {
          ...{ logAlive, sampled: sampled.size, tokens: sampled.tokens.length, trials, accepted, values },
          texts: { size, tokens, offsets, finished },
          logPrior: gatherFloats(logPrior, accepted),
          logFactor: gatherFloats(logFactor, accepted),
        };
      });
    }),
  );
}

/**
 * The trials of chunk `index`: batches that share what they learn about dead prefixes, up to the accept that would end
 * the run if no other chunk had any.
 */
export async function trialChunk(s: RejectionState, index: number): Promise<TrialChunk> {
  const { batch } = s.options;
  const before = (k: number): number => Math.min(s.affordable, batch * batchesBefore(k, s.learning));
  const chooser = s.chooser.split(index);
  const proposer = s.proposer();
  const turn = takingTurns();
  const batches: TrialBatch[] = [];
  let left = before(index + 1) - before(index);
  let wanted = s.wanted;
  while (left > 0 && wanted > 0 && !(batches.length > 0 && s.request.signal?.aborted)) {
    const count = Math.min(batch, left);
    const done = await trialBatch(s, count, wanted, proposer, chooser.split(batches.length));
    batches.push(done);
    left -= count;
    wanted -= done.accepted.length;
    await turn();
  }
  return { batches };
}
