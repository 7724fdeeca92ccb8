import { fail } from '@postulate/graph';
import { andThen, subBatch, weigh, type Maybe, type WeighedBatch } from '../../bind/index.ts';
import { flip } from '../../chooser/index.ts';
import { namedValues } from '../../diagnostics/index.ts';
import { excessOver } from './trade-off.ts';
import type { QrsOptions, QrsState } from './state.ts';
import { needsPilot } from './threshold.ts';

export interface QrsInput {
  /** Texts to propose: what is planned for the chunk, or what the budget leaves of it. */
  readonly count: number;
  /** log M; undefined in the pilot, which accepts nothing. */
  readonly logThreshold: number | undefined;
}

/** What a chunk of proposals gives; columns of accepted texts are in the order of their proposal. */
export interface QrsChunk {
  readonly logWeights: Float64Array;
  readonly logFactors: Float64Array;
  readonly logPriors: Float64Array;
  /** Texts that each factor was the first to give weight zero. */
  readonly killed: Int32Array;
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

const chunksFor = (texts: number, batch: number): number => Math.ceil(texts / batch);

/** Chunks of the pilot, which come first. */
export const pilotChunks = (o: QrsOptions): number => (needsPilot(o) ? chunksFor(o.pilot, o.batch) : 0);
/** Chunks of the diagnostic sample, which come next. */
export const diagnosticChunks = (o: QrsOptions): number => chunksFor(o.diagnose, o.batch);

/** Texts that chunk `index` proposes where no budget cuts it. */
export function plannedSize(o: QrsOptions, index: number): number {
  const pilots = pilotChunks(o);
  const diagnostics = pilots + diagnosticChunks(o);
  if (index < pilots) return Math.min(o.batch, o.pilot - index * o.batch);
  if (index < diagnostics) return Math.min(o.batch, o.diagnose - (index - pilots) * o.batch);
  return o.batch;
}

function killedBy(s: QrsState, killer: Int32Array): Int32Array {
  const killed = new Int32Array(s.target.stages[0].factors.length);
  for (const k of killer) if (k >= 0) killed[k]++;
  return killed;
}

/** Accepts each proposal with probability min(1, w/M). */
function accept(s: QrsState, weighed: WeighedBatch, logThreshold: number, index: number): QrsChunk['accepted'] {
  const chooser = s.chooser.split(index).split('accept');
  const { batch, logWeight } = weighed;
  const accepted: QrsChunk['accepted'][number][] = [];
  for (let row = 0; row < batch.size; row++) {
    if (logWeight[row] - s.logBound > 1e-9) {
      throw fail('P900', `a text has log weight ${logWeight[row]}, above the proved bound ${s.logBound}`, {
        help: 'a factor broke its bound; with an extern, check its declared range',
      });
    }
    const excess = excessOver(logThreshold, logWeight[row]);
    if (!flip(chooser, excess)) continue;
    const tokens = batch.tokens.slice(batch.offsets[row], batch.offsets[row + 1]);
    accepted.push({ row, tokens, finished: batch.finished[row] === 1, excess: Math.max(0, excess) });
  }
  return accepted;
}

/** Proposes and weighs the texts of chunk `index`, and with a threshold accepts some of them. */
export function qrsChunk(s: QrsState, index: number, input: QrsInput): Maybe<QrsChunk> {
  const chooser = s.chooser.split(index).split('propose');
  return andThen(weigh(s.target, s.request.proposal, input.count, chooser), (weighed) => {
    const { logThreshold } = input;
    const accepted = logThreshold === undefined ? [] : accept(s, weighed, logThreshold, index);
    const rows = Int32Array.from(accepted, (a) => a.row);
    return andThen(namedValues(s.target.named, subBatch(weighed.batch, rows)), (named): QrsChunk => {
      return {
        logWeights: weighed.logWeight,
        logFactors: weighed.logFactor,
        logPriors: weighed.logPrior,
        killed: killedBy(s, weighed.killer),
        tokens: weighed.batch.tokens.length,
        accepted,
        named,
      };
    });
  });
}
