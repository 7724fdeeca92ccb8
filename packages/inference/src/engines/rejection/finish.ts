import { fail } from '@postulate/graph';
import { meanEstimate, shareStandardError } from '../../diagnostics/index.ts';
import type { RunningMoments } from '../../numeric/index.ts';
import type { Approximation, Estimate, LogZEstimate } from '../../port/index.ts';
import { estimateLogZ } from './log-z.ts';
import type { RejectionState } from './state.ts';
import { spent } from './step.ts';

/** ±(log Z − mean): the texts accepted do not depend on how many trials they took, so the variances add. */
function relative(logZ: LogZEstimate | null, moments: RunningMoments, sign: 1 | -1): Estimate | null {
  if (logZ === null || logZ.value === -Infinity || moments.count === 0) return null;
  const [a, b] = [logZ.standardError, moments.standardError];
  return {
    value: sign * (logZ.value - moments.mean),
    standardError: a === null || b === null ? null : Math.hypot(a, b),
  };
}

/** Where every trial was accepted the estimate is 1 under the bound, but not thereby certain, unless nothing can reject. */
function withDoubt(logZ: LogZEstimate | null, s: RejectionState): LogZEstimate | null {
  if (logZ === null || s.accepted < s.trials || s.accepted === 0 || s.factors.length === 0) return logZ;
  return { ...logZ, standardError: shareStandardError(1, s.trials) };
}

/** Largest share of the prior that was left out of a batch. */
function removedMass(s: RejectionState): number {
  return s.blocks.reduce((most, b) => Math.max(most, -Math.expm1(b.logAlive)), 0);
}

function verdict(s: RejectionState): string {
  if (s.accepted >= s.wanted) return 'ok';
  const rate = (s.accepted / Math.max(1, s.trials)).toPrecision(2);
  const why = s.modelCalls >= s.request.budget ? 'budget spent after ' : spent(s) ? 'given up after ' : '';
  return `${why}${s.accepted} of ${s.wanted} draws (acceptance ${rate}): the draws are exact, but too few`;
}

/** What is known so far. Throws P603 where the budget was spent before anything was accepted. */
export function rejectionResult(s: RejectionState): Approximation {
  const complete = s.accepted >= s.wanted;
  const out = spent(s) && !complete;
  if (out && s.accepted === 0) {
    throw fail('P603', `none of ${s.trials} texts of the prior was accepted within the budget`, {
      help: 'raise --budget or --option patience=…, try --engine exact, or weaken the factors',
    });
  }
  const logZ = withDoubt(estimateLogZ(s.blocks, s.logBound, complete), s);
  const unavailable: Record<string, string> = {};
  if (logZ === null) {
    const reason = 'a run that stops at its first accept gives no unbiased estimate of Z; ask for more draws';
    for (const figure of ['logZ', 'entropy', 'klToPrior']) unavailable[figure] = reason;
  }
  if (out) {
    s.warnings.push({
      code: 'P603',
      severity: 'warning',
      message: verdict(s),
      help: 'raise --budget, or --option patience=…, for the rest',
    });
  }
  return {
    kind: 'draws',
    engine: 'rejection',
    guarantee: 'exact draws',
    draws: s.draws,
    logZ,
    entropy: relative(logZ, s.logGamma, 1),
    klToPrior: relative(logZ, s.logFactor, -1),
    lambda: s.lambda,
    expectations: Object.fromEntries(s.target.named.map((f, k) => [f.name, meanEstimate(f, s.named[k])])),
    support: null,
    diagnostics: {
      ess: s.accepted,
      paretoK: null,
      acceptanceRate: s.trials === 0 ? null : s.accepted / s.trials,
      modelCalls: s.modelCalls,
      verdict: verdict(s),
      extra: { trials: s.trials, logBound: s.logBound, removedMass: removedMass(s) },
    },
    unavailable,
    warnings: s.warnings,
  };
}
