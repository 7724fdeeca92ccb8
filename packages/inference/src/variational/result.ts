import type { Diagnostic } from '@postulate/graph';
import type { Chooser, SampledBatch } from '@postulate/models';
import { andThen, type Maybe } from '../bind/maybe.ts';
import type { FittedTarget } from '../bind/fitted.ts';
import { logFactors } from '../bind/density.ts';
import { asTexts } from '../bind/index.ts';
import {
  goodParetoK,
  lawDivergences,
  meanEstimate,
  meanOf,
  namedValues,
  paretoSmooth,
  shareStandardError,
  uniqueDraws,
} from '../diagnostics/index.ts';
import { LogWeightMoments, RunningMoments } from '../numeric/index.ts';
import type { Approximation, Draw, Estimate, Target } from '../port/index.ts';
import type { Trainer } from './trainer.ts';

/** A trained policy to be read out. */
export interface Reading {
  readonly trainer: Trainer;
  /** Which target of the family. */
  readonly member: number;
  /** Draws to hand out. */
  readonly wanted: number;
  readonly chooser: Chooser;
}

/** Texts of a trained policy with everything that is asked of them. Logs in nats. */
export interface Measured {
  readonly draws: readonly Draw[];
  /** log π of each. */
  readonly logPi: Float64Array;
  /** log γ − log π. */
  readonly logWeights: Float64Array;
  /** Values of each named function. */
  readonly named: readonly Float64Array[];
}

/** Below this effective sample size weights say little of how far the policy is from the posterior. */
const LEAST_ESS = 100;
/** A total variation below this is not worth a word. */
const CLOSE = 0.01;

function drawsOf(sampled: SampledBatch, logPrior: Float64Array, logFactor: Float64Array): readonly Draw[] {
  const { size, tokens, offsets, finished } = sampled;
  return Array.from({ length: size }, (_, i) => ({
    tokens: tokens.slice(offsets[i], offsets[i + 1]),
    finished: finished[i] === 1,
    logPrior: logPrior[i],
    logFactor: logFactor[i],
    logWeight: 0,
  }));
}

/** Measures draws of a policy against its target. */
export function measure(target: Target, sampled: SampledBatch): Maybe<Measured> {
  const batch = asTexts(target.prior.vocabulary, sampled);
  const { factors } = target.stages[0];
  return andThen(target.prior.logProb(batch), (logPrior) =>
    andThen(logFactors(factors, batch), ({ logFactor }) =>
      andThen(namedValues(target.named, batch), (named) => ({
        draws: drawsOf(sampled, logPrior, logFactor),
        logPi: sampled.logProbs,
        logWeights: logFactor.map((f, i) => (f === -Infinity ? f : f + logPrior[i] - sampled.logProbs[i])),
        named,
      })),
    ),
  );
}

/** Draws of the policy as it is: those that are handed out first, and as many more as it takes to measure it. */
export function policyDraws({ trainer, member, wanted, chooser }: Reading): Maybe<Measured> {
  const { targets, policy, options } = trainer.training;
  const own = chooser.split('draws');
  const law = policy.laws[member];
  const sampled = law.sample(Math.max(wanted, options.samples), targets.length === 1 ? own : own.split(member));
  return andThen(sampled, (texts) => measure(targets[member], texts));
}

const about = (e: Estimate): string => `${e.value.toPrecision(3)} ± ${(e.standardError ?? NaN).toPrecision(1)}`;

interface Judged {
  readonly w: LogWeightMoments;
  readonly k: number | null;
  readonly tv: Estimate | null;
}

function verdictOf(engine: string, { w, k, tv }: Judged): string {
  const law = "the draws follow the policy's law, not the posterior";
  const correct = 'to correct them: --engine importance with the policy as --proposal';
  if (w.dead === w.count) return `${law}: every one of ${w.count} has weight zero`;
  const dead = w.dead === 0 ? '' : `, ${((100 * w.dead) / w.count).toPrecision(2)}% of them have weight zero`;
  if (w.ess < LEAST_ESS) {
    return `${law}${dead}: effective sample size ${w.ess.toPrecision(3)} of ${w.count}, too few to tell how far apart they are`;
  }
  if (k !== null && k >= goodParetoK(w.count)) {
    return `${law}${dead}, and a few texts carry the weights (Pareto k ${k.toPrecision(2)}); ${correct}`;
  }
  if (engine !== 'rl' && (tv === null || tv.value < CLOSE)) return 'ok';
  return `${law}${dead}: they are ${tv === null ? 'far' : about(tv)} apart in total variation; ${correct}`;
}

function expectationsOf(target: Target, m: Measured): Readonly<Record<string, Estimate | null>> {
  return Object.fromEntries(
    target.named.map((f, k) => {
      const moments = new RunningMoments();
      m.named[k].forEach((v) => moments.add(v));
      return [f.name, meanEstimate(f, moments)];
    }),
  );
}

/** What a result says besides what the draws tell. */
export interface LawOf {
  readonly engine: string;
  readonly fitted: FittedTarget;
  readonly wanted: number;
  readonly modelCalls: number;
  readonly extra?: Readonly<Record<string, number>>;
}

/** What is known of a law by its own draws. Figures of the law are its own; log Z is estimated by weighting the draws. */
export function lawResult({ engine, fitted, wanted, modelCalls, extra = {} }: LawOf, m: Measured): Approximation {
  const w = new LogWeightMoments();
  for (const l of m.logWeights) w.add(l);
  const { k } = paretoSmooth(m.logWeights);
  const unavailable: Record<string, string> = {};
  const divergences = lawDivergences(m.logWeights, unavailable);
  if (k === null) unavailable['paretoK'] = 'the weights have no tail that a Pareto distribution could be fitted to';
  const verdict = verdictOf(engine, { w, k, tv: divergences.tv });
  const expectations = expectationsOf(fitted.target, m);
  const entropy = meanOf(m.logPi.map((l) => -l));
  const flat = w.logMeanStandardError === 0 ? shareStandardError(1, w.count) : w.logMeanStandardError;
  const warnings: Diagnostic[] = [...fitted.warnings];
  if (verdict !== 'ok') warnings.push({ code: 'P606', severity: 'warning', message: verdict });
  const elbo = meanOf(m.logWeights);
  return {
    kind: 'parametric',
    engine,
    guarantee: 'variational',
    draws: m.draws.slice(0, wanted),
    logZ: w.dead === w.count ? null : { value: w.logMean, standardError: flat, kind: 'unbiased' },
    entropy,
    klToPrior: meanOf(m.logPi.map((l, i) => l - m.draws[i].logPrior)),
    lambda: fitted.lambda,
    expectations,
    support: null,
    diagnostics: {
      ...{ ess: w.ess, paretoK: k, acceptanceRate: null, verdict, modelCalls: modelCalls + fitted.modelCalls },
      extra: {
        texts: w.count,
        ...extra,
        elbo: elbo?.value ?? NaN,
        violatingMass: w.dead / Math.max(1, w.count),
        unique: uniqueDraws(m.draws.slice(0, wanted)),
      },
    },
    unavailable,
    warnings,
    details: {
      ...{ logWeights: m.logWeights, rawExpectations: expectations, divergences, lawEntropy: entropy },
      ...(elbo !== null && Number.isFinite(elbo.value) ? { bounds: { lower: elbo, upper: null } } : {}),
    },
  };
}

/** What is known of a trained policy. */
export function variationalResult({ trainer, member, wanted }: Reading, m: Measured): Approximation {
  const { training } = trainer;
  const extra = { steps: training.step, parameters: trainer.policy.parameters };
  const result = lawResult(
    { engine: training.engine, fitted: trainer.fitted[member], wanted, modelCalls: trainer.drawn, extra },
    m,
  );
  const warnings = [...result.warnings, ...clippingWarnings(trainer)];
  return { ...result, warnings, ...(trainer.stopped === undefined ? {} : { reasons: [trainer.stopped] }) };
}

/** Share of clipped steps from which on clipping is no guard any more but part of what is optimised. */
const MOSTLY_CLIPPED = 0.25;

function clippingWarnings({ clippedShare: share }: Trainer): readonly Diagnostic[] {
  if (share < MOSTLY_CLIPPED) return [];
  const message = `the gradient was clipped in ${Math.round(100 * share)}% of the steps: rare texts, whose gradients are large, count for less than they should`;
  return [{ code: 'P606', severity: 'warning', message, help: 'raise the option clip' }];
}
