import { fail } from '@postulate/graph';
import type { SampledBatch } from '@postulate/models';
import { andThen, asTexts, logFactors, subBatch, type Maybe } from '../../bind/index.ts';
import { flip } from '../../chooser/index.ts';
import { namedValues } from '../../diagnostics/index.ts';
import type { Draw, Step } from '../../port/index.ts';
import { estimateLogZ, type TrialBlock } from './log-z.ts';
import type { RejectionState } from './state.ts';

const complete = (s: RejectionState): boolean => s.accepted >= s.wanted;
/** The budget is spent or, where none was given, so many texts in a row were rejected that going on is hopeless. */
export const spent = (s: RejectionState): boolean =>
  s.modelCalls >= s.request.budget || (s.request.budget === Infinity && s.trials - s.acceptedAt >= s.options.patience);

/** Rows of a batch that are accepted, in order, up to the last one wanted; and the trials that took. */
function accept(s: RejectionState, batch: SampledBatch, logFactor: Float64Array): { rows: number[]; trials: number } {
  const chooser = s.chooser.split(`accept ${s.batches}`);
  const rows: number[] = [];
  let trials = 0;
  for (let i = 0; i < batch.size && s.accepted + rows.length < s.wanted; i++) {
    trials++;
    const log = logFactor[i] - s.logBound;
    if (log > 1e-9) {
      throw fail('P900', `a text has log weight ${logFactor[i]}, above the proved bound ${s.logBound}`, {
        help: 'a factor broke its bound; with an extern, check its declared range',
      });
    }
    if (flip(chooser, log)) rows.push(i);
    else if (log === -Infinity) {
      s.proposer.reject(batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]), batch.finished[i] === 1);
    }
  }
  return { rows, trials };
}

function toDraw(batch: SampledBatch, row: number, logFactor: number): Draw {
  return {
    tokens: batch.tokens.slice(batch.offsets[row], batch.offsets[row + 1]),
    finished: batch.finished[row] === 1,
    logPrior: batch.logProbs[row],
    logFactor,
    logWeight: 0,
  };
}

/** Batches that were proposed alike count as one. */
function addBlock(blocks: TrialBlock[], block: TrialBlock): void {
  const last = blocks.at(-1);
  if (last?.logAlive !== block.logAlive) blocks.push(block);
  else {
    blocks[blocks.length - 1] = {
      logAlive: last.logAlive,
      trials: last.trials + block.trials,
      accepted: last.accepted + block.accepted,
    };
  }
}

function report(s: RejectionState, draws: readonly Draw[]): Step<RejectionState> {
  return {
    state: s,
    draws,
    done: complete(s) || spent(s),
    progress: {
      phase: 'rejection',
      draws: s.draws.length,
      wanted: s.request.draws,
      acceptanceRate: s.trials === 0 ? 0 : s.accepted / s.trials,
      ess: s.accepted,
      logZ: estimateLogZ(s.blocks, s.logBound, complete(s))?.value ?? -Infinity,
      modelCalls: s.modelCalls,
      tokens: s.tokens,
    },
  };
}

/** Draws one batch from the prior and accepts each text with probability φ(x)/M. */
export function rejectionStep(s: RejectionState): Maybe<Step<RejectionState>> {
  if (complete(s) || spent(s)) return report(s, []);
  const count = Math.min(s.options.batch, s.request.budget - s.modelCalls);
  const logAlive = s.proposer.logAlive();
  return andThen(s.proposer.sample(count, s.chooser.split(`propose ${s.batches}`)), (sampled) => {
    const batch = asTexts(s.target.prior.vocabulary, sampled);
    return andThen(logFactors(s.factors, batch), ({ logFactor }) => {
      const { rows, trials } = accept(s, sampled, logFactor);
      const kept = subBatch(batch, Int32Array.from(rows));
      return andThen(namedValues(s.target.named, kept), (values) => {
        values.forEach((v, k) => v.forEach((x) => s.named[k].add(x)));
        const draws = rows.map((row) => toDraw(sampled, row, logFactor[row]));
        for (const d of draws) {
          s.logFactor.add(d.logFactor);
          s.logGamma.add(d.logPrior + d.logFactor);
        }
        s.batches++;
        s.trials += trials;
        s.accepted += rows.length;
        if (rows.length > 0) s.acceptedAt = s.trials;
        s.modelCalls += sampled.size;
        s.tokens += sampled.tokens.length;
        addBlock(s.blocks, { logAlive, trials, accepted: rows.length });
        const out = draws.slice(0, Math.max(0, s.request.draws - s.draws.length));
        s.draws.push(...out);
        return report(s, out);
      });
    });
  });
}
