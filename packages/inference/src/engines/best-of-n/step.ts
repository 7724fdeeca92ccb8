import { andThen, type Maybe } from '../../bind/index.ts';
import { logMeanExp } from '../../numeric/index.ts';
import type { Draw, Step } from '../../port/index.ts';
import { workOn } from '../../work/index.ts';
import { bestOfChunk, chunkCount, type BestOfChunk } from './chunk.ts';
import type { BestOfState } from './state.ts';

/** The budget is spent or, where none was given, so many groups in a row were dead that going on is hopeless. */
export const spent = (s: BestOfState): boolean =>
  s.groups >= s.most || (s.request.budget === Infinity && s.groups - s.returnedAt >= s.options.patience);
export const complete = (s: BestOfState): boolean => s.best.length >= s.wanted;

function report(s: BestOfState, draws: readonly Draw[]): Step<BestOfState> {
  const { logFactors } = s.candidates;
  return {
    state: s,
    draws,
    done: complete(s) || spent(s),
    progress: {
      phase: 'best-of-n',
      draws: Math.min(s.best.length, s.request.draws),
      wanted: s.request.draws,
      ...(logFactors.length === 0 ? {} : { logZ: logMeanExp(logFactors) }),
      modelCalls: s.modelCalls,
      tokens: s.tokens,
    },
  };
}

/**
 * Candidates of the first `wanted` groups alone: their number does not depend on how many groups were dead, so that their
 * mean weight is an unbiased Ẑ.
 */
function keepCandidates(s: BestOfState, chunk: BestOfChunk): void {
  const { logFactors, logGammas } = s.candidates;
  const most = s.wanted * s.options.n;
  for (let i = 0; i < chunk.logFactors.length && logFactors.length < most; i++) {
    logFactors.push(chunk.logFactors[i]);
    logGammas.push(chunk.logPriors[i] + chunk.logFactors[i]);
  }
}

function take(s: BestOfState, chunk: BestOfChunk): Step<BestOfState> {
  keepCandidates(s, chunk);
  for (const k of chunk.killer) if (k >= 0) s.killed[k]++;
  for (const f of chunk.logFactors) if (f === -Infinity) s.dead++;
  const before = s.best.length;
  for (const { row, tokens, finished } of chunk.best.slice(0, s.wanted - before)) {
    const [logPrior, logFactor] = [chunk.logPriors[row], chunk.logFactors[row]];
    s.best.push({ tokens, finished, logPrior, logFactor, logWeight: 0 });
  }
  const kept = s.best.length - before;
  chunk.named.forEach((values, k) => values.subarray(0, kept).forEach((v) => s.named[k].add(v)));
  s.chunks++;
  s.groups += chunk.logFactors.length / s.options.n;
  if (kept > 0) s.returnedAt = s.groups;
  s.modelCalls += chunk.logFactors.length;
  s.tokens += chunk.tokens;
  return report(s, s.best.slice(before, Math.max(before, s.request.draws)));
}

const work = { chunk: bestOfChunk, chunks: chunkCount };

/** One chunk of groups. */
export function bestOfStep(s: BestOfState): Maybe<Step<BestOfState>> {
  if (complete(s) || spent(s)) return report(s, []);
  return andThen(workOn<BestOfState, BestOfChunk>(work, s, s.chunks), (chunk) => take(s, chunk));
}
