import { andThen, type Maybe } from '../../bind/index.ts';
import type { Draw, Step } from '../../port/index.ts';
import { workOn } from '../../work/index.ts';
import { trialChunk, type TrialBatch, type TrialChunk } from './chunk.ts';
import { estimateLogZ, type TrialBlock } from './log-z.ts';
import type { RejectionState } from './state.ts';

const complete = (s: RejectionState): boolean => s.accepted >= s.wanted;
/** The budget is spent or, where none was given, so many texts in a row were rejected that going on is hopeless. */
export const spent = (s: RejectionState): boolean =>
  s.modelCalls >= s.request.budget || (s.request.budget === Infinity && s.trials - s.acceptedAt >= s.options.patience);

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

function drawOf({ texts, logPrior, logFactor }: TrialBatch, i: number): Draw {
  return {
    tokens: texts.tokens.subarray(texts.offsets[i], texts.offsets[i + 1]),
    finished: texts.finished[i] === 1,
    logPrior: logPrior[i],
    logFactor: logFactor[i],
    logWeight: 0,
  };
}

/** Takes the trials of a batch into the state, those after the last accept wanted left out. */
function absorb(s: RejectionState, batch: TrialBatch): void {
  s.modelCalls += batch.sampled;
  s.tokens += batch.tokens;
  if (complete(s)) return;
  const { logPrior, logFactor } = batch;
  const accepted = Math.min(batch.accepted.length, s.wanted - s.accepted);
  const ends = s.accepted + accepted === s.wanted;
  const trials = ends ? batch.accepted[accepted - 1] + 1 : batch.trials;
  batch.values.forEach((values, k) => {
    for (let i = 0; i < accepted; i++) s.named[k].add(values[i]);
  });
  for (let i = 0; i < accepted; i++) {
    s.logFactor.add(logFactor[i]);
    s.logGamma.add(logPrior[i] + logFactor[i]);
  }
  const kept = Math.min(accepted, s.request.draws - s.draws.length);
  for (let i = 0; i < kept; i++) s.draws.push(drawOf(batch, i));
  s.trials += trials;
  s.accepted += accepted;
  if (accepted > 0) s.acceptedAt = s.trials;
  addBlock(s.blocks, { logAlive: batch.logAlive, trials, accepted });
}

const work = { chunk: trialChunk };

/** Takes one chunk of trials: texts of the prior, each accepted with probability φ(x)/M, up to the last accept wanted. */
export function rejectionStep(s: RejectionState): Maybe<Step<RejectionState>> {
  if (complete(s) || spent(s)) return report(s, []);
  return andThen(workOn<RejectionState, TrialChunk>(work, s, s.chunks), ({ batches }) => {
    const first = s.draws.length;
    for (const batch of batches) {
      if (!complete(s) && spent(s)) break;
      absorb(s, batch);
    }
    s.chunks++;
    return report(s, s.draws.slice(first));
  });
}
