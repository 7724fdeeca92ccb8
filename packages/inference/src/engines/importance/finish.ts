import type { Diagnostic } from '@postulate/graph';
import {
  allDead,
  effectiveSampleSize,
  goodParetoK,
  normaliseWeights,
  relativeToLogZ,
  shareStandardError,
  uniqueDraws,
  weightedEstimate,
} from '../../diagnostics/index.ts';
import type { Approximation, BoundFunction, Estimate, LogZEstimate } from '../../port/index.ts';
import { chooseDraws } from './choose-draws.ts';
import type { ImportanceState } from './state.ts';
import { rawWeights, smoothedWeights } from './weights.ts';

/** Below this effective sample size the standard errors themselves are not to be relied on. */
const LEAST_ESS = 100;

interface Figures {
  readonly proposals: number;
  readonly ess: number;
  readonly k: number | null;
}

function verdictOf({ proposals, ess, k }: Figures): string {
  if (ess < LEAST_ESS) {
    return `effective sample size ${ess.toPrecision(3)} of ${proposals} proposals: do not trust it; raise the option proposals, or try exact or rejection`;
  }
  if (k !== null && k >= goodParetoK(proposals)) {
    return `Pareto k ${k.toPrecision(2)} is above ${goodParetoK(proposals).toPrecision(2)}: a few texts carry the estimates; raise the option proposals, or try exact or rejection`;
  }
  return 'ok';
}

const DEAD_HELP = 'try --engine exact, or --engine rejection with a larger budget, or weaken the factor';

function expectation(f: BoundFunction, weights: Float64Array, values: readonly number[], ess: number): Estimate {
  const e = weightedEstimate(weights, Float64Array.from(values));
  if (f.kind !== 'event') return e;
  // A share that was seen always or never is exactly 1 or 0, but not thereby certain.
  const live = values.filter((_, i) => weights[i] > 0);
  const sure = live.find((v) => live.every((x) => x === v));
  return sure === undefined ? e : { value: sure, standardError: shareStandardError(sure, ess) };
}

/** Doubt left where all weights are equal: a sample that shows no spread does not prove that there is none. */
function doubt({ factors, request, weights }: ImportanceState): number {
  const sure = factors.length === 0 && request.proposal === undefined;
  return !sure && weights.logMeanStandardError === 0 ? shareStandardError(1, weights.count) : 0;
}

function widened<T extends { readonly standardError: number | null }>(e: T, by: number): T {
  return by === 0 || e.standardError === null ? e : { ...e, standardError: Math.hypot(e.standardError, by) };
}

function warningsOf(s: ImportanceState, verdict: string): readonly Diagnostic[] {
  const warnings = [...s.warnings];
  if (s.proposals.length < s.wanted && s.modelCalls >= s.request.budget) {
    const message = `the budget allowed ${s.proposals.length} of ${s.wanted} proposals`;
    warnings.push({ code: 'P603', severity: 'warning', message });
  }
  if (verdict !== 'ok') warnings.push({ code: 'P606', severity: 'warning', message: verdict });
  return warnings;
}

/** What is known so far. Throws P604 where every proposal has weight zero. */
export function importanceResult(s: ImportanceState): Approximation {
  const raw = s.weights;
  if (raw.count > 0 && raw.dead === raw.count)
    throw allDead({ ...s, tried: raw.count, texts: 'proposals', help: DEAD_HELP });
  const { k, logWeights } = smoothedWeights(s);
  const weights = normaliseWeights(logWeights);
  const ess = effectiveSampleSize(weights);
  const verdict = verdictOf({ proposals: raw.count, ess, k });
  const spread = doubt(s);
  const plain: LogZEstimate = { value: raw.logMean, standardError: raw.logMeanStandardError, kind: 'unbiased' };
  const logZ = widened(plain, spread);
  const own = normaliseWeights(rawWeights(s));
  const column = (f: (i: number) => number): Float64Array => Float64Array.from(s.proposals.keys(), f);
  const logGamma = column((i) => s.proposals[i].logPrior + s.proposals[i].logFactor);
  const logFactors = column((i) => s.proposals[i].logFactor);
  const draws = s.options.resample ? (s.chosen ?? chooseDraws(s)) : s.proposals;
  const constant = k === null;
  return {
    kind: 'weighted',
    engine: 'importance',
    guarantee: 'consistent',
    draws,
    logZ,
    entropy: widened(relativeToLogZ(logZ.value, own, logGamma, 1), spread),
    klToPrior: widened(relativeToLogZ(logZ.value, own, logFactors, -1), spread),
    lambda: s.lambda,
    expectations: Object.fromEntries(s.target.named.map((f, j) => [f.name, expectation(f, weights, s.named[j], ess)])),
    support: null,
    diagnostics: {
      ess,
      paretoK: k,
      acceptanceRate: constant && s.request.proposal === undefined ? 1 - raw.dead / Math.max(1, raw.count) : null,
      modelCalls: s.modelCalls,
      verdict,
      extra: {
        proposals: raw.count,
        deadFraction: raw.dead / Math.max(1, raw.count),
        maxNormWeight: weights.reduce((a, b) => Math.max(a, b), 0),
        unique: uniqueDraws(draws),
      },
    },
    unavailable: constant ? { paretoK: 'the weights have no tail that a Pareto distribution could be fitted to' } : {},
    warnings: warningsOf(s, verdict),
    details: { logWeights: rawWeights(s) },
  };
}
