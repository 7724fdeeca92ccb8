import { fail } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { andThen, subBatch, weigh, type Maybe, type WeighedBatch } from '../../bind/index.ts';
import { flip } from '../../chooser/index.ts';
import { namedValues } from '../../diagnostics/index.ts';
import { excessOver } from './trade-off.ts';
import type { QrsOptions, QrsState } from './state.ts';

/** What a chunk of proposals gives; columns of accepted texts are in the order of their proposal. */
export interface QrsChunk {
  readonly logWeights: Float64Array;
  readonly logFactors: Float64Array;
  readonly logPriors: Float64Array;
  /** Index of the first factor whose weight is zero, the number of factors for the prior itself, −1 where none is. */
  readonly killer: Int32Array;
  readonly tokens: number;
  readonly accepted: readonly {
    /** Which proposal of the chunk it was. */
    readonly row: number;
    readonly tokens: Int32Array;
    readonly finished: boolean;
    /** log w − log M, at least 0. */
    readonly excess: number;
  }[];
  /** Values of each named function at the accepted texts. */
  readonly named: readonly Float64Array[];
}

/** Chunks of the diagnostic sample, which come first. */
export const diagnosticChunks = (o: QrsOptions): number => Math.ceil(o.diagnose / o.batch);

/** Proposals before chunk `index`, where no budget cuts them. */
function startOf(o: QrsOptions, index: number): number {
  const diagnostic = diagnosticChunks(o);
  return index < diagnostic ? index * o.batch : o.diagnose + (index - diagnostic) * o.batch;
}

/** Proposals of chunk `index`, the last one cut by the budget; 0 beyond it. */
export function chunkSize({ options, most }: QrsState, index: number): number {
  return Math.max(0, Math.min(startOf(options, index + 1), most) - Math.min(startOf(options, index), most));
}

/** Most chunks that a run can take. */
export function chunkCount({ options, most, request }: QrsState): number {
  const diagnostic = diagnosticChunks(options);
  if (most <= options.diagnose) return Math.ceil(most / options.batch);
  return request.draws === 0 ? diagnostic : diagnostic + Math.ceil((most - options.diagnose) / options.batch);
}

/** Accepts each proposal with probability min(1, w/M). */
function accept(s: QrsState, weighed: WeighedBatch, chooser: Chooser): QrsChunk['accepted'] {
  const { batch, logWeight } = weighed;
  const accepted: QrsChunk['accepted'][number][] = [];
  for (let row = 0; row < batch.size; row++) {
    if (logWeight[row] - s.logBound > 1e-9) {
      throw fail('P900', `a text has log weight ${logWeight[row]}, above the proved bound ${s.logBound}`, {
        help: 'a factor broke its bound; with an extern, check its declared range',
      });
    }
    const excess = excessOver(s.threshold.logThreshold, logWeight[row]);
    if (!flip(chooser, excess)) continue;
    const tokens = batch.tokens.slice(batch.offsets[row], batch.offsets[row + 1]);
    accepted.push({ row, tokens, finished: batch.finished[row] === 1, excess: Math.max(0, excess) });
  }
  return accepted;
}

/** Proposes and weighs the texts of chunk `index`, and accepts some of them. */
export function qrsChunk(s: QrsState, index: number): Maybe<QrsChunk> {
  const chooser = s.chooser.split(index);
  const law = s.request.proposal ?? s.target.prior;
  return andThen(law.sample(chunkSize(s, index), chooser.split('propose')), (sampled) =>
    andThen(weigh(s.target, s.request.proposal, sampled), (weighed) => {
      const accepted = accept(s, weighed, chooser.split('accept'));
      const rows = Int32Array.from(accepted, (a) => a.row);
      return andThen(namedValues(s.target.named, subBatch(weighed.batch, rows)), (named): QrsChunk => ({
        logWeights: weighed.logWeight,
        logFactors: weighed.logFactor,
        logPriors: weighed.logPrior,
        killer: weighed.killer,
        tokens: weighed.batch.tokens.length,
        accepted,
        named,
      }));
    }),
  );
}
