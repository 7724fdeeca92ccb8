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

/** Rejected trials that are thought seen besides those that were: z²/2 rounded, as Agresti & Coull (1998) add two. */
const DOUBT = 2;

/**
 * Standard error of log Ẑ, made for intervals of ±1.96 of it. An estimate that rests on `count` accepts and whose
 * relative variance is `rejected` / `count` with the share of rejected trials has the count less `less`, for the skew of
 * a logarithm, and the share drawn towards one half by `DOUBT`: a handful of rejections, or none, does not say how rare
 * they are. Summed over all outcomes, without removal and for acceptance rates from 0.001 to 0.99, such intervals cover
 * at least 93.8% from 30 accepts on, and at least 93.3% from 5.
 */
function errorOf(count: number, rejected: number, less: number): number {
  const trials = rejected < 1 ? count / (1 - rejected) : Infinity;
  const share = trials === Infinity ? 1 : (rejected * trials + DOUBT) / (trials + DOUBT);
  return Math.sqrt(share / Math.max(count - less, count / 4));
}

/** Acceptance of the trials of a block, Ẑ / (M a). */
const acceptance = (b: TrialBlock, logShare: number): number => Math.min(1, Math.exp(logShare - b.logAlive));

/** Stopped at the n-th accept: Σ p(1 − p) / Σ p over the trials is the share of rejected ones among those that count. */
function stoppedError(blocks: readonly TrialBlock[], logShare: number): number {
  let sum = 0;
  let squares = 0;
  for (const b of blocks) {
    const p = acceptance(b, logShare);
    sum += b.trials * p;
    squares += b.trials * p * p;
  }
  const accepted = blocks.reduce((n, b) => n + b.accepted, 0);
  return errorOf(accepted, 1 - squares / sum, 1.5);
}

/** Stopped by the budget: the mean over t trials of a · accept has the relative variance Σ (1/p − 1) / t². */
function budgetError(blocks: readonly TrialBlock[], logShare: number): number {
  const trials = blocks.reduce((n, b) => n + b.trials, 0);
  const count = trials ** 2 / blocks.reduce((sum, b) => sum + b.trials / acceptance(b, logShare), 0);
  return errorOf(count, 1 - count / trials, 0.5);
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
  const standardError = (stoppedByAccept ? stoppedError : budgetError)(blocks, logShare);
  return { value: logBound + logShare, standardError, kind: 'unbiased' };
}
