import { andThen, type Maybe } from '../../bind/index.ts';
import { logMeanExp } from '../../numeric/index.ts';
import type { Draw, Step } from '../../port/index.ts';
import { workOn } from '../../work/index.ts';
import { chunkCount, diagnosticChunks, qrsChunk, type QrsChunk } from './chunk.ts';
import type { QrsState } from './state.ts';

const diagnosed = (s: QrsState): boolean => s.chunks >= diagnosticChunks(s.options);
/** The budget is spent or, where none was given, so many texts in a row were rejected that going on is hopeless. */
export const spent = (s: QrsState): boolean =>
  s.trials >= s.most ||
  (s.request.budget === Infinity && diagnosed(s) && s.trials - s.acceptedAt >= s.options.patience);
export const complete = (s: QrsState): boolean => diagnosed(s) && s.accepted.length >= s.request.draws;

function report(s: QrsState, draws: readonly Draw[]): Step<QrsState> {
  return {
    state: s,
    draws,
    done: complete(s) || spent(s),
    progress: {
      phase: diagnosed(s) ? 'qrs' : 'qrs: diagnosing',
      draws: Math.min(s.accepted.length, s.request.draws),
      wanted: s.request.draws,
      ...(s.trials === 0 ? {} : { acceptanceRate: s.accepted.length / s.trials }),
      ...(s.logZ === undefined ? {} : { logZ: s.logZ }),
      modelCalls: s.modelCalls,
      tokens: s.tokens,
    },
  };
}

/** Appends without spreading into arguments, of which there can only be so many. */
function append(to: number[], values: Float64Array): void {
  for (const v of values) to.push(v);
}

function keepDiagnosed(s: QrsState, chunk: QrsChunk): void {
  s.diagnosed.logWeights.push(...chunk.logWeights);
  s.diagnosed.logFactors.push(...chunk.logFactors);
  for (let i = 0; i < chunk.logWeights.length; i++)
    s.diagnosed.logGammas.push(chunk.logPriors[i] + chunk.logFactors[i]);
  s.logZ = logMeanExp(s.diagnosed.logWeights);
}

/** Keeps what a chunk accepted; gives those texts that are handed out. */
function keepAccepted(s: QrsState, chunk: QrsChunk): readonly Draw[] {
  const before = s.accepted.length;
  for (const { row, tokens, finished, excess } of chunk.accepted) {
    const [logPrior, logFactor] = [chunk.logPriors[row], chunk.logFactors[row]];
    s.accepted.push({ tokens, finished, logPrior, logFactor, logWeight: 0 });
    s.excess.push(excess);
  }
  chunk.named.forEach((values, k) => append(s.named[k], values));
  s.trials += chunk.logWeights.length;
  if (s.accepted.length > before) s.acceptedAt = s.trials;
  return s.accepted.slice(before, Math.max(before, s.request.draws));
}

function take(s: QrsState, chunk: QrsChunk): Step<QrsState> {
  const { killer, logWeights } = chunk;
  for (let i = 0; i < killer.length; i++) {
    if (killer[i] >= 0) s.killed[killer[i]]++;
    if (logWeights[i] === -Infinity) s.dead++;
  }
  if (!diagnosed(s)) keepDiagnosed(s, chunk);
  s.chunks++;
  s.modelCalls += chunk.logWeights.length;
  s.tokens += chunk.tokens;
  return report(s, keepAccepted(s, chunk));
}

const work = { chunk: qrsChunk, chunks: chunkCount };

/**
 * One chunk of proposals: first of the diagnostic sample, then as many more as the draws need. Texts of the diagnostic
 * sample are accepted as well, since the threshold does not depend on them.
 */
export function qrsStep(s: QrsState): Maybe<Step<QrsState>> {
  if (complete(s) || spent(s)) return report(s, []);
  return andThen(workOn<QrsState, QrsChunk>(work, s, s.chunks), (chunk) => take(s, chunk));
}
