import { fail, type Diagnostic } from '@postulate/graph';
import {
  effectiveSampleSize,
  estimateDivergences,
  goodParetoK,
  meanEstimate,
  normaliseWeights,
  paretoSmooth,
  shareStandardError,
  uniqueDraws,
  weightedNamed,
  weightFigures,
  type WeightFigures,
} from '../../diagnostics/index.ts';
import { RunningMoments } from '../../numeric/index.ts';
import type { Approximation, BoundFunction, Details, Estimate } from '../../port/index.ts';
import type { QrsState } from './state.ts';
import { complete, spent } from './step.ts';
import { deadTexts } from './pilot.ts';
import { excessOver, quasiSample, tradeOffCurve } from './trade-off.ts';

/** Below this effective sample size the standard errors themselves are not to be relied on. */
const LEAST_ESS = 100;

/** Whether no weight can exceed the threshold, so that what is accepted are exact draws. */
const isExact = (s: QrsState): boolean => excessOver(s.threshold.logThreshold, s.logBound) <= 0;

/** log Z and what goes with it from the diagnostic sample, whose size was fixed beforehand. */
export function diagnosticFigures(s: QrsState): WeightFigures {
  const { logWeights, logFactors, logGammas } = s.diagnosed;
  const columns = {
    logWeights: Float64Array.from(logWeights),
    logFactors: Float64Array.from(logFactors),
    logGammas: Float64Array.from(logGammas),
  };
  return weightFigures(columns, s.target.stages[0].factors.length > 0 || s.request.proposal !== undefined);
}

type Divergences = Readonly<Record<string, Estimate | null>>;

/**
 * Divergences of p_M from the posterior by importance weights. Where no weight above M was seen they are 0, but not thereby
 * certain, unless it is proved that there is none.
 */
function divergencesOf(s: QrsState, logWeights: Float64Array, ess: number): Divergences {
  const { notes: _, ...found } = estimateDivergences(quasiSample(logWeights, s.threshold.logThreshold), {
    normalised: false,
  });
  const doubt = shareStandardError(0, ess);
  const sure = (e: Estimate | null): Estimate | null => {
    if (isExact(s)) return { value: 0, standardError: 0 };
    return e?.value === 0 ? { value: 0, standardError: doubt } : e;
  };
  return Object.fromEntries(Object.entries(found).map(([name, e]) => [name, sure(e)]));
}

function rawExpectation(s: QrsState, f: BoundFunction, k: number): Estimate | null {
  const moments = new RunningMoments();
  for (const v of s.named[k]) moments.add(v);
  return meanEstimate(f, moments);
}

/** The curve is worked out for who looks at it: it takes as long as thousands of draws. */
function details(s: QrsState, logWeights: Float64Array, divergences: Divergences): Details {
  const { logThreshold } = s.threshold;
  let curve: Details['curve'];
  return {
    logWeights,
    divergences,
    get curve() {
      return (curve ??= tradeOffCurve(logWeights, logThreshold));
    },
    rawExpectations: Object.fromEntries(s.target.named.map((f, k) => [f.name, rawExpectation(s, f, k)])),
  };
}

interface Trust {
  readonly tv: Estimate | null;
  readonly diagnosticEss: number;
  readonly k: number | null;
  readonly acceptedEss: number;
}

/** Why not to trust the figures, if so. */
function doubtful(s: QrsState, { diagnosticEss, k, acceptedEss }: Trust): string | undefined {
  const texts = s.diagnosed.logWeights.length;
  const remedy = 'raise the option diagnose, or try exact or smc';
  if (diagnosticEss < LEAST_ESS) {
    return `effective sample size ${diagnosticEss.toPrecision(3)} of ${texts} diagnostic texts: do not trust log Z or the total variation; ${remedy}`;
  }
  if (k !== null && k >= goodParetoK(texts)) {
    return `Pareto k ${k.toPrecision(2)} is above ${goodParetoK(texts).toPrecision(2)}: a few texts carry log Z and the total variation; ${remedy}`;
  }
  if (s.accepted.length > 0 && acceptedEss < LEAST_ESS) {
    return `effective sample size ${acceptedEss.toPrecision(3)} of ${s.accepted.length} accepted texts: do not trust the expectations; ask for more draws`;
  }
  return undefined;
}

function verdictOf(s: QrsState, trust: Trust): string {
  const parts: string[] = [];
  if (spent(s) && !complete(s)) {
    const why = s.request.budget < Infinity ? 'budget spent' : 'given up';
    parts.push(`${why} after ${s.accepted.length} of ${s.request.draws} draws`);
  }
  const doubt = doubtful(s, trust);
  if (doubt !== undefined) parts.push(doubt);
  if (!isExact(s) && trust.tv !== null) {
    const { value, standardError } = trust.tv;
    const error = standardError === null ? '' : ` ± ${standardError.toPrecision(2)}`;
    parts.push(`not exact draws: TV to the posterior about ${value.toPrecision(2)}${error}`);
  }
  return parts.length === 0 ? 'ok' : parts.join('; ');
}

function warningsOf(s: QrsState, verdict: string, trust: Trust): readonly Diagnostic[] {
  const warnings = [...s.warnings];
  if (spent(s) && !complete(s)) {
    const help = 'raise --budget, or --option patience=…, for the rest, or lower the threshold';
    warnings.push({ code: 'P603', severity: 'warning', message: verdict, help });
  }
  if (doubtful(s, trust) !== undefined) warnings.push({ code: 'P606', severity: 'warning', message: verdict });
  return warnings;
}

/** Throws where the run ended without a single draw. */
function refuseNothing(s: QrsState): void {
  if (s.trials > 0 && s.dead === s.trials) throw deadTexts(s.target, s.killed, s.trials);
  if (s.accepted.length > 0 || !(complete(s) || spent(s)) || s.request.draws === 0) return;
  throw fail('P603', `none of ${s.trials} texts was accepted within the budget`, {
    help: 'raise --budget or --option patience=…, or lower the threshold (--option acceptance=… or tv=…)',
  });
}

/** A run that was stopped before its first chunk. */
function nothingYet(s: QrsState): Approximation {
  const reason = 'stopped before the first text was diagnosed';
  const figures = ['logZ', 'entropy', 'klToPrior', ...s.target.named.map((f) => f.name)];
  return {
    kind: 'draws',
    engine: 'qrs',
    guarantee: 'approximate',
    draws: [],
    logZ: null,
    entropy: null,
    klToPrior: null,
    lambda: s.lambda,
    expectations: Object.fromEntries(s.target.named.map((f) => [f.name, null])),
    support: null,
    diagnostics: {
      ess: null,
      paretoK: null,
      acceptanceRate: null,
      modelCalls: s.modelCalls,
      verdict: reason,
      extra: {},
    },
    unavailable: Object.fromEntries(figures.map((f) => [f, reason])),
    warnings: s.warnings,
  };
}

/** What is known so far. Throws P604 where every text has weight zero, P603 where none was accepted. */
export function qrsResult(s: QrsState): Approximation {
  refuseNothing(s);
  if (s.diagnosed.logWeights.length === 0) return nothingYet(s);
  const { moments, ess: diagnosticEss, logZ, entropy, klToPrior } = diagnosticFigures(s);
  const logWeights = Float64Array.from(s.diagnosed.logWeights);
  const weights = normaliseWeights(Float64Array.from(s.excess));
  const ess = effectiveSampleSize(weights);
  const divergences = divergencesOf(s, logWeights, diagnosticEss);
  const { k } = paretoSmooth(logWeights);
  const trust: Trust = { tv: divergences['tv'], diagnosticEss, k, acceptedEss: ess };
  const verdict = verdictOf(s, trust);
  const draws = s.accepted.slice(0, s.request.draws);
  const none = s.accepted.length === 0;
  const named = s.target.named;
  return {
    kind: 'draws',
    engine: 'qrs',
    guarantee: isExact(s) ? 'exact draws' : 'approximate',
    draws,
    logZ,
    entropy,
    klToPrior,
    lambda: s.lambda,
    expectations: Object.fromEntries(
      named.map((f, j) => [f.name, none ? null : weightedNamed(f, weights, s.named[j], ess)]),
    ),
    support: null,
    diagnostics: {
      ess,
      paretoK: k,
      acceptanceRate: s.accepted.length / s.trials,
      modelCalls: s.modelCalls,
      verdict,
      extra: {
        logThreshold: s.threshold.logThreshold,
        ...(s.logBound < Infinity ? { logBound: s.logBound } : {}),
        trials: s.trials,
        accepted: s.accepted.length,
        diagnosed: moments.count,
        diagnosticEss,
        deadFraction: moments.dead / moments.count,
        unique: uniqueDraws(draws),
      },
    },
    unavailable: none ? Object.fromEntries(named.map((f) => [f.name, 'no text was accepted'])) : {},
    warnings: warningsOf(s, verdict, trust),
    details: details(s, logWeights, divergences),
    reasons: [s.threshold.reason],
  };
}
