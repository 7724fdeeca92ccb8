import type { Diagnostic } from '@postulate/graph';
import {
  allDead,
  goodParetoK,
  lawDivergences,
  meanEstimate,
  meanOf,
  paretoSmooth,
  shareStandardError,
  uniqueDraws,
} from '../diagnostics/index.ts';
import { RunningMoments, type LogWeightMoments } from '../numeric/index.ts';
import type { Approximation, Estimate, LogZEstimate } from '../port/index.ts';
import type { OwnLawState } from './state.ts';
import { logWeightsOf } from './step.ts';

/** Below this effective sample size weights say little of how far the law is from the posterior. */
const LEAST_ESS = 100;
/** A total variation below this is not worth a word. */
const CLOSE = 0.01;

const about = (e: Estimate): string => `${e.value.toPrecision(3)} ± ${(e.standardError ?? NaN).toPrecision(1)}`;

function verdictOf(s: OwnLawState, w: LogWeightMoments, k: number | null, tv: Estimate | null): string {
  if (s.exact || w.count === 0) return 'ok';
  const law = `the draws follow the law of ${s.words.law}, not the posterior`;
  const correct = `to correct them: --engine importance --option proposal=${s.words.engine}`;
  const dead = w.dead === 0 ? '' : `, ${((100 * w.dead) / w.count).toPrecision(2)}% of them have weight zero`;
  if (w.ess < LEAST_ESS) {
    return `${law}${dead}: effective sample size ${w.ess.toPrecision(3)} of ${w.count}, too few to tell how far apart they are; ${correct}`;
  }
  if (k !== null && k >= goodParetoK(w.count)) {
    return `${law}${dead}, and a few texts carry the weights (Pareto k ${k.toPrecision(2)}); ${correct}`;
  }
  if (tv === null || tv.value < CLOSE) return 'ok';
  return `${law}${dead}: they are ${about(tv)} apart in total variation; ${correct}`;
}

/** Ẑ: the mean weight, unbiased; each weight is Z where the law is the posterior. */
function logZOf(s: OwnLawState, w: LogWeightMoments): LogZEstimate | null {
  if (w.count === 0) return null;
  if (s.exact) return { value: w.logMean, standardError: 0, kind: 'exact' };
  // A sample without spread does not prove that there is none.
  const flat = s.factors.length > 0 && w.logMeanStandardError === 0;
  return {
    value: w.logMean,
    standardError: flat ? shareStandardError(1, w.count) : w.logMeanStandardError,
    kind: 'unbiased',
  };
}

function expectationsOf(s: OwnLawState): Readonly<Record<string, Estimate | null>> {
  return Object.fromEntries(
    s.target.named.map((f, k) => {
      const moments = new RunningMoments();
      s.named[k].forEach((v) => moments.add(v));
      return [f.name, meanEstimate(f, moments)];
    }),
  );
}

function warningsOf(s: OwnLawState, verdict: string): readonly Diagnostic[] {
  const warnings = [...s.warnings];
  if (s.wanted < s.asked && s.texts.length >= s.wanted) {
    const message = `the budget allowed ${s.wanted} of ${s.asked} texts`;
    warnings.push({ code: 'P603', severity: 'warning', message });
  }
  if (verdict !== 'ok') warnings.push({ code: 'P606', severity: 'warning', message: verdict });
  return warnings;
}

/** What is known so far. Throws P604 where every text has weight zero. */
export function ownLawResult(s: OwnLawState): Approximation {
  const logWeights = logWeightsOf(s);
  const w = s.weights;
  if (w.count > 0 && w.dead === w.count)
    throw allDead({ ...s, tried: w.count, texts: 'texts', help: s.words.deadHelp });
  const { k } = paretoSmooth(logWeights);
  const unavailable: Record<string, string> = {};
  const divergences = lawDivergences(logWeights, unavailable);
  if (k === null) unavailable['paretoK'] = 'the weights have no tail that a Pareto distribution could be fitted to';
  const verdict = verdictOf(s, w, k, divergences.tv);
  const expectations = expectationsOf(s);
  const draws = s.texts.slice(0, s.request.draws);
  return {
    kind: 'draws',
    engine: s.words.engine,
    guarantee: s.exact ? 'exact draws' : 'heuristic',
    draws,
    logZ: logZOf(s, w),
    entropy: meanOf(s.logProposal.map((q) => -q)),
    klToPrior: meanOf(s.logProposal.map((q, i) => q - s.texts[i].logPrior)),
    lambda: s.lambda,
    expectations,
    support: null,
    diagnostics: {
      ess: w.ess,
      paretoK: k,
      acceptanceRate: null,
      modelCalls: s.prepared + s.texts.length,
      verdict,
      extra: {
        texts: w.count,
        deadFraction: w.dead / Math.max(1, w.count),
        unique: uniqueDraws(draws),
      },
    },
    unavailable,
    warnings: warningsOf(s, verdict),
    details: { logWeights, rawExpectations: expectations, divergences },
    reasons: s.reasons,
  };
}
