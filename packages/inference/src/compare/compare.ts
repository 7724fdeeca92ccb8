import { PostError } from '@postulate/graph';
import type { LanguageModel } from '@postulate/models';
import { engineNamed } from '../engines/index.ts';
import type { Approximation, Progress, Target } from '../port/index.ts';
import { resolvedOptions, run, takesLaw } from '../run/index.ts';
import { agreementWith } from './agreement.ts';
import { tightestBounds } from './bounds.ts';
import type { Compared, ComparedRun, Comparison, Diversity, Reference } from './comparison.ts';
import { countedTarget } from './counted.ts';
import { divergencesOf } from './divergences.ts';
import { commonSize, diversityOf, type SampleSize } from './diversity.ts';
import { histogramDistance } from './histogram.ts';
import { priorFigures } from './prior-figures.ts';

export interface CompareOptions {
  /** Names of engines, in the order of the columns. */
  readonly engines: readonly string[];
  /** Draws each is asked for; default 1000. */
  readonly draws?: number | undefined;
  /** Default "0"; each engine has its own stream below it. */
  readonly seed?: string | undefined;
  /** Most sequences of the prior that each engine may ask for. */
  readonly budget?: number | undefined;
  /** A law that the engines which can propose from it do. */
  readonly law?: LanguageModel | undefined;
  /** Options by engine. */
  readonly options?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((engine: string, progress: Progress) => void) | undefined;
}

interface Finished {
  readonly result: Approximation;
  readonly seconds: number;
  readonly factorCalls: number;
  readonly tokens: number | null;
}

async function runEngine(target: Target, engine: string, o: CompareOptions): Promise<Finished> {
  const { target: counted, count } = countedTarget(target);
  const began = performance.now();
  let tokens: number | null = null;
  const result = await run(counted, {
    engine,
    draws: o.draws ?? 1000,
    seed: o.seed ?? '0',
    options: o.options?.[engine],
    ...(o.law !== undefined && takesLaw(engineNamed(engine)) ? { law: o.law } : {}),
    ...(o.budget === undefined ? {} : { budget: o.budget }),
    signal: o.signal,
    onProgress: (progress) => {
      if (progress.modelCalls) tokens = progress.tokens ?? tokens;
      o.onProgress?.(engine, progress);
    },
  });
  return { result, seconds: (performance.now() - began) / 1000, factorCalls: count.texts, tokens };
}

type Attempt = Finished | Exclude<Compared, ComparedRun>;

/** Runs an engine; a refusal or a failed run is a line of the comparison, not the end of it. */
async function attempt(target: Target, engine: string, o: CompareOptions): Promise<Attempt> {
  const options = resolvedOptions(engine, o.options?.[engine] ?? {});
  const fit = engineNamed(engine).fitness(target, options);
  if (!fit.fits) return { kind: 'refused', engine, code: fit.diagnostic.code, message: fit.reason };
  try {
    return await runEngine(target, engine, o);
  } catch (error) {
    if (!(error instanceof PostError) || o.signal?.aborted === true || error.kind === 'usage') throw error;
    return { kind: 'failed', engine, code: error.code, message: error.diagnostics[0].message };
  }
}

const ran = (a: Attempt): a is Finished => 'result' in a;

/** Guarantees under which estimates are of the posterior itself, and may stand in where there is no exact answer. */
const OF_THE_POSTERIOR: readonly string[] = ['exact draws', 'properly weighted', 'consistent', 'asymptotic'];

/** Guarantees under which the figures are those of another law than the posterior. */
const OF_ITS_OWN: readonly string[] = ['heuristic', 'variational'];

function bestEstimate(finished: readonly Finished[]): Finished | undefined {
  const sound = finished.filter(
    (f) => OF_THE_POSTERIOR.includes(f.result.guarantee) && f.result.diagnostics.verdict === 'ok',
  );
  const error = (f: Finished): number => f.result.logZ?.standardError ?? Infinity;
  return sound.sort((a, b) => error(a) - error(b))[0];
}

async function reference(
  target: Target,
  finished: readonly Finished[],
  o: CompareOptions,
): Promise<{ readonly figures: Omit<Reference, 'diversity'>; readonly result: Approximation } | undefined> {
  let exact = finished.find((f) => f.result.guarantee === 'exact')?.result;
  if (exact === undefined && engineNamed('exact').fitness(target).fits) {
    const tried = await attempt(target, 'exact', { ...o, options: {} });
    if (ran(tried)) exact = tried.result;
  }
  const best = exact ?? bestEstimate(finished)?.result;
  if (best === undefined) return undefined;
  const figures = {
    engine: best.engine,
    exact: exact !== undefined,
    logZ: best.logZ,
    bounds: tightestBounds(finished.map((f) => f.result)),
    entropy: best.entropy,
    klToPrior: best.klToPrior,
    expectations: best.expectations,
  };
  return { figures, result: best };
}

function entropyOfLaw(result: Approximation): ComparedRun['entropy'] {
  if (result.guarantee === 'exact' || result.guarantee === 'exact draws') return result.entropy;
  return result.details?.lawEntropy ?? null;
}

type Figures = Omit<Reference, 'diversity'>;

function compared(engine: string, f: Finished, ref: Figures | null, diversity: Diversity): ComparedRun {
  const { result } = f;
  const { found, note } = divergencesOf(result, ref?.logZ ?? null);
  return {
    kind: 'ran',
    engine,
    guarantee: result.guarantee,
    result,
    expectations: result.details?.rawExpectations ?? result.expectations,
    divergences: found,
    divergenceNote: note,
    histogram: null,
    entropy: entropyOfLaw(result),
    diversity,
    agreement: ref === null || OF_ITS_OWN.includes(result.guarantee) ? null : agreementWith(ref, result),
    cost: {
      modelCalls: result.diagnostics.modelCalls,
      factorCalls: f.factorCalls,
      tokens: f.tokens,
      seconds: f.seconds,
    },
  };
}

/**
 * The same posterior by several engines, beside the prior and beside the posterior itself: exact where that can be had,
 * else by the corrected sampler with the smallest error and a clean verdict.
 */
export async function compareEngines(target: Target, o: CompareOptions): Promise<Comparison> {
  const attempts: Attempt[] = [];
  for (const engine of o.engines) attempts.push(await attempt(target, engine, o));
  const finished = attempts.filter(ran);
  const ref = await reference(target, finished, o);
  const prior = await priorFigures(target, { draws: o.draws ?? 1000, seed: o.seed, signal: o.signal });
  const results = [prior.result, ...(ref === undefined ? [] : [ref.result]), ...finished.map((f) => f.result)];
  const size: SampleSize = commonSize(results.map((r) => r.draws));
  const varied = (r: Approximation): Diversity => diversityOf(r.draws, size, o.seed ?? '0');
  return {
    posterior: target.name,
    graphHash: target.graphHash,
    context: target.context,
    seed: o.seed ?? '0',
    vocabulary: target.prior.vocabulary,
    draws: o.draws ?? 1000,
    prior: {
      how: prior.how,
      expectations: prior.result.expectations,
      entropy: prior.result.entropy,
      diversity: varied(prior.result),
    },
    reference: ref === undefined ? null : { ...ref.figures, diversity: varied(ref.result) },
    engines: attempts.map((a, i) => {
      if (!ran(a)) return a;
      const row = compared(o.engines[i], a, ref?.figures ?? null, varied(a.result));
      const support = ref?.result.support ?? null;
      const histogram = support === null ? null : histogramDistance(a.result.draws, support, target);
      return { ...row, histogram };
    }),
  };
}
