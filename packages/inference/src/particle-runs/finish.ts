import type { Diagnostic } from '@postulate/graph';
import {
  paretoSmooth,
  relativeToLogZ,
  shareStandardError,
  uniqueDraws,
  weightedEstimate,
} from '../diagnostics/index.ts';
import { LogWeightMoments } from '../numeric/index.ts';
import type { Approximation, Details, Estimate, LogZEstimate } from '../port/index.ts';
import { allDead } from './all-dead.ts';
import { twoSidedBounds } from './bounds.ts';
import type { ChosenDraws, RunsState } from './state.ts';
import { callsPerRun, drawsOf } from './step.ts';
import { effectiveParticles, unitsOf, type Units } from './units.ts';
import { verdictOf } from './verdict.ts';

/** Doubt left where all runs agree: that they show no spread does not prove that there is none, unless weights are exact. */
function doubt(s: RunsState, moments: LogWeightMoments): number {
  const sure = s.factors.length === 0 || s.plan.extension.exact === true;
  return !sure && moments.logMeanStandardError === 0 ? shareStandardError(1, s.plan.particles * s.runs.length) : 0;
}

function widened<T extends { readonly standardError: number | null }>(e: T, by: number): T {
  return by === 0 || e.standardError === null ? e : { ...e, standardError: Math.hypot(e.standardError, by) };
}

/** Mean of named function `j`. A share that was seen always or never is exactly 1 or 0, but not thereby certain. */
function expectation(s: RunsState, units: Units, j: number, ess: number): Estimate {
  const e = weightedEstimate(units.weights, units.columns[j]);
  if (s.target.named[j].kind !== 'event') return e;
  const alive = s.runs.filter((r) => r.logZ > -Infinity);
  const low = alive.reduce((m, r) => Math.min(m, r.lows[j]), Infinity);
  const high = alive.reduce((m, r) => Math.max(m, r.highs[j]), -Infinity);
  return low === high ? { value: low, standardError: shareStandardError(low, ess) } : e;
}

function warningsOf(s: RunsState, verdict: string, chosen: ChosenDraws): readonly Diagnostic[] {
  const warnings = [...s.warnings];
  const cut = s.plan.runs * callsPerRun(s) + callsPerRun(s) > s.request.budget;
  if (cut) {
    const message = `the budget allowed ${s.plan.runs} runs of ${s.plan.particles} particles`;
    warnings.push({ code: 'P603', severity: 'warning', message });
  } else if (chosen.draws.length < s.request.draws && s.runs.length === s.plan.runs) {
    const message = `${chosen.draws.length} of ${s.request.draws} draws: the chain begins with the first run that did not die`;
    warnings.push({ code: 'P603', severity: 'warning', message, help: 'raise --option runs=…' });
  }
  if (verdict !== 'ok') warnings.push({ code: 'P606', severity: 'warning', message: verdict });
  return warnings;
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((n, p) => n + p.length, 0));
  let used = 0;
  for (const part of parts) {
    all.set(part, used);
    used += part.length;
  }
  return all;
}

function detailsOf(s: RunsState, bounds: Details['bounds']): Details {
  const ancestry = s.runs.flatMap((r) => (r.ancestry === undefined ? [] : [r.ancestry]));
  const logWeights = joined(s.runs.map((r) => r.logWeights));
  return { logWeights, ancestry, ...(bounds === undefined ? {} : { bounds }) };
}

/** What is known before the first run is done. */
function nothingYet(s: RunsState): Approximation {
  const reason = 'no run was finished';
  return {
    kind: 'weighted',
    engine: s.engine,
    guarantee: 'properly weighted',
    draws: [],
    logZ: null,
    entropy: null,
    klToPrior: null,
    lambda: s.lambda,
    expectations: Object.fromEntries(s.target.named.map((f) => [f.name, null])),
    support: null,
    diagnostics: { ess: 0, paretoK: null, acceptanceRate: null, modelCalls: s.pilotCalls, verdict: reason, extra: {} },
    unavailable: { logZ: reason, entropy: reason, klToPrior: reason },
    warnings: s.warnings,
  };
}

/** How often a verdict on a prefix was wanted, where those that were found are kept. */
function questionsOf({ runs }: RunsState): Readonly<Record<string, number>> {
  if (runs.every((r) => r.constraintQuestions === undefined)) return {};
  return { constraintQuestions: runs.reduce((n, r) => n + (r.constraintQuestions ?? 0), 0) };
}

/** What is known so far. Throws P604 where every particle of every run died. */
export function runsResult(s: RunsState): Approximation {
  if (s.runs.length === 0) return nothingYet(s);
  const runs = new LogWeightMoments();
  for (const r of s.runs) runs.add(r.logZ);
  if (runs.dead === runs.count) throw allDead(s);
  const units = unitsOf(s);
  const moments = new LogWeightMoments();
  units.logWeights.forEach((w) => moments.add(w));
  const spread = doubt(s, moments);
  const ess = effectiveParticles(s);
  const { k } = paretoSmooth(Float64Array.from(s.runs, (r) => r.logZ));
  const verdict = verdictOf(s, { ess, effectiveRuns: runs.ess, k, dead: runs.dead });
  const plain: LogZEstimate = { value: runs.logMean, standardError: moments.logMeanStandardError, kind: 'unbiased' };
  const logZ = widened(plain, spread);
  const chosen = (s.chosen ??= drawsOf(s));
  const named = s.target.named.length;
  const relative = (column: number, sign: 1 | -1): Estimate =>
    widened(relativeToLogZ(logZ.value, units.weights, units.columns[column], sign), spread);
  const { bounds, unavailable } = twoSidedBounds(s);
  return {
    kind: 'weighted',
    engine: s.engine,
    guarantee: 'properly weighted',
    draws: chosen.draws,
    logZ,
    entropy: relative(named, 1),
    klToPrior: relative(named + 1, -1),
    lambda: s.lambda,
    expectations: Object.fromEntries(s.target.named.map((f, j) => [f.name, expectation(s, units, j, ess)])),
    support: null,
    diagnostics: {
      ess,
      paretoK: k,
      acceptanceRate: chosen.acceptanceRate,
      modelCalls: s.pilotCalls + s.runs.length * callsPerRun(s),
      verdict,
      extra: {
        runs: s.runs.length,
        particles: s.plan.particles,
        effectiveRuns: runs.ess,
        deadFraction: runs.dead / runs.count,
        distinctRuns: chosen.distinctRuns,
        unique: uniqueDraws(chosen.draws),
        maxNormWeight: effectiveMax(units),
        resamplings: s.runs.reduce((n, r) => n + r.resamplings, 0) / s.runs.length,
        tokens: s.runs.reduce((n, r) => n + r.sampled, 0),
        constraintCalls: s.runs.reduce((n, r) => n + r.constraintCalls, 0),
        ...questionsOf(s),
      },
    },
    unavailable: {
      ...unavailable,
      ...(k === null
        ? { paretoK: 'the estimates of the runs have no tail that a Pareto distribution could be fitted to' }
        : {}),
    },
    warnings: warningsOf(s, verdict, chosen),
    details: detailsOf(s, bounds),
  };
}

const effectiveMax = ({ weights }: Units): number => weights.reduce((a, b) => Math.max(a, b), 0);
