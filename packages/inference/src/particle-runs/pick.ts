import type { Draw } from '../port/index.ts';
import type { RunChunk } from './state.ts';

/** A particle of a run as a draw; what weight it had is spent in choosing it. */
export function drawAt(run: RunChunk, k: number): Draw {
  return {
    tokens: run.tokens.slice(run.offsets[k], run.offsets[k + 1]),
    finished: run.finished[k] === 1,
    logPrior: run.logPrior[k],
    logFactor: run.logFactor[k],
    logWeight: 0,
  };
}
