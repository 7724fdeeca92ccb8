import { logSumExp } from '../../numeric/index.ts';
import type { LogZEstimate } from '../../port/index.ts';

/** Trials that shared one proposal distribution: the prior without what had been removed by then. */
export interface TrialBlock {
  /** log of the prior mass that was still proposed; 0 where nothing has been removed. */
  readonly logAlive: number;
  readonly trials: number;
  readonly accepted: number;
}

/**
 * log of (n − 1) ∫₀^∞ e^{−u(t−1)} Π aₖ / (1 − (1 − aₖ) e^{−u}) du, which is (n − 1)/(t − 1) where every aₖ is 1.
 * A trial that proposes from a share a of the prior stands for a geometric number of trials of plain rejection, all but
 * one of them rejected; this is the expectation of (n − 1)/(T − 1) over the plain trials T it stands for. The integral is
 * a trapezoid sum in log u, which converges geometrically for such a smooth integrand.
 */
function logStoppedShare(blocks: readonly TrialBlock[], accepted: number): number {
  const trials = blocks.reduce((n, b) => n + b.trials, 0);
  if (blocks.every((b) => b.logAlive === 0)) return Math.log((accepted - 1) / (trials - 1));
  const rate = blocks.reduce((sum, b) => sum + b.trials * Math.exp(-b.logAlive), -1);
  const steps = 4000;
  const from = Math.log(1e-12 / rate);
  const to = Math.log(750 / Math.max(1, trials - 1));
  const h = (to - from) / steps;
  const logs = Float64Array.from({ length: steps + 1 }, (_, i) => {
    const v = from + i * h;
    const u = Math.exp(v);
    return blocks.reduce(
      (sum, b) => {
        const dead = -Math.expm1(b.logAlive);
        // log(1 − dead · e^{−u}) = log(alive + dead · (1 − e^{−u}))
        return sum + b.trials * (b.logAlive - Math.log(Math.exp(b.logAlive) - dead * Math.expm1(-u)));
      },
      v - u * (trials - 1),
    );
  });
  return Math.log(accepted - 1) + logSumExp(logs) + Math.log(h);
}

/** Standard error of log Ẑ: √Σ p(1 − p) / Σ p over the trials, with p = Ẑ / (M a) the acceptance of each. */
function standardError(blocks: readonly TrialBlock[], logAcceptance: number): number {
  let sum = 0;
  let variance = 0;
  for (const b of blocks) {
    const p = Math.min(1, Math.exp(logAcceptance - b.logAlive));
    sum += b.trials * p;
    variance += b.trials * p * (1 - p);
  }
  return Math.sqrt(variance) / sum;
}

/**
 * Estimate of Z from accepts and trials under the bound M = exp(logBound). Stopped at the n-th accept it is
 * M (n − 1)/(t − 1), unbiased for Z; stopped by the budget it is the mean of M · alive mass · accept. Null for a run that
 * stopped at its first accept, from which there is no useful unbiased estimate.
 */
export function estimateLogZ(
  blocks: readonly TrialBlock[],
  logBound: number,
  stoppedByAccept: boolean,
): LogZEstimate | null {
  const accepted = blocks.reduce((n, b) => n + b.accepted, 0);
  const trials = blocks.reduce((n, b) => n + b.trials, 0);
  if (trials === 0 || (stoppedByAccept && accepted < 2)) return null;
  if (accepted === 0) return { value: -Infinity, standardError: null, kind: 'unbiased' };
  const logShare = stoppedByAccept
    ? logStoppedShare(blocks, accepted)
    : logSumExp(blocks.map((b) => (b.accepted === 0 ? -Infinity : b.logAlive + Math.log(b.accepted)))) -
      Math.log(trials);
  return { value: logBound + logShare, standardError: standardError(blocks, logShare), kind: 'unbiased' };
}
