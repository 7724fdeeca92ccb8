import type { TextBatch } from '@postulate/models';
import { andThen, type Maybe } from '../bind/index.ts';
import { namedValues, normaliseWeights, weightedMean } from '../diagnostics/index.ts';
import {
  lineageSquares,
  lineageWeights,
  runParticles,
  textsOf,
  type ParticleRun,
  type Retained,
} from '../smc/index.ts';
import type { RunChunk, RunsState } from './state.ts';

/** One independent run; the chunk's randomness is that of its index. */
export function runChunk(s: RunsState, index: number): Maybe<RunChunk> {
  const chooser = s.chooser.split(index);
  return andThen(runOf(s, index, undefined, chooser.split('particles')), (run) =>
    andThen(conditional(s, index, chooser), (conditionalLogZ) => summarise(s, run, conditionalLogZ)),
  );
}

function runOf(
  s: RunsState,
  index: number,
  retained: Retained | undefined,
  chooser: RunsState['chooser'],
): Maybe<ParticleRun> {
  const { plan, options } = s;
  const problem = { prior: s.target.prior, factors: s.factors, extension: plan.extension };
  return runParticles(
    problem,
    {
      particles: plan.particles,
      essThreshold: options.essThreshold,
      resampler: plan.resampler,
      expansion: retained ? 1 : plan.expansion,
      recorded: !retained && (index === 0 || options.ancestry),
      ...(retained ? { retained } : {}),
    },
    chooser,
  );
}

/** log Ẑ of a run that has an exact draw among its particles, whose mean is at least log Z (`algorithms.md` 5.3). */
function conditional(s: RunsState, index: number, chooser: RunsState['chooser']): Maybe<number | undefined> {
  const { exactDraws } = s.plan;
  if (exactDraws === undefined || 'reason' in exactDraws) return undefined;
  const retained = exactDraws(chooser.split('exact'));
  return andThen(runOf(s, index, retained, chooser.split('conditional')), (run) => run.logZ);
}

function summarise(s: RunsState, run: ParticleRun, conditionalLogZ: number | undefined): Maybe<RunChunk> {
  const p = run.particles;
  const alive = Int32Array.from(p.logWeight.keys()).filter((i) => p.logWeight[i] > -Infinity);
  const pick = (a: Float64Array): Float64Array => Float64Array.from(alive, (i) => a[i]);
  const batch = textsOf(p, alive, s.target.prior);
  return andThen(namedValues(s.target.named, batch), (named) => {
    const logFactor = pick(p.logFactor);
    const logPrior = pick(p.logPrior);
    const columns = [...named, logPrior.map((l, i) => l + logFactor[i]), logFactor];
    const lineages = s.plan.runs === 1 ? lineagesOf(s, run, alive, columns) : undefined;
    return {
      ...ownArrays(batch),
      logZ: run.logZ,
      logPrior,
      logFactor,
      logWeights: pick(p.logWeight),
      ...meansOf(pick(p.logWeight), columns),
      lineageSquares: lineageSquares(p),
      lineages,
      killed: run.killed,
      ancestry: run.generations.length > 0 ? ancestryOf(run) : undefined,
      lastDeath: run.lastDeath,
      resamplings: run.resamplings,
      sampled: run.tokens,
      constraintCalls: run.cost.constraintCalls,
      constraintQuestions: run.cost.constraintQuestions,
      conditionalLogZ,
    };
  });
}

/** What can be sent elsewhere of a batch. */
function ownArrays({ tokens, offsets, finished }: TextBatch): Pick<RunChunk, 'tokens' | 'offsets' | 'finished'> {
  return { tokens, offsets, finished };
}

function ancestryOf({ generations, lastDeath }: ParticleRun): RunChunk['ancestry'] {
  return lastDeath === undefined ? { generations } : { generations, lastDeath };
}

function meansOf(
  logWeights: Float64Array,
  columns: readonly Float64Array[],
): Pick<RunChunk, 'means' | 'lows' | 'highs'> {
  const weights = normaliseWeights(logWeights);
  return {
    means: Float64Array.from(columns, (c) => (c.length === 0 ? 0 : weightedMean(weights, c))),
    lows: Float64Array.from(columns, (c) => c.reduce((a, b) => Math.min(a, b), Infinity)),
    highs: Float64Array.from(columns, (c) => c.reduce((a, b) => Math.max(a, b), -Infinity)),
  };
}

function lineagesOf(
  s: RunsState,
  { particles: p }: ParticleRun,
  alive: Int32Array,
  columns: readonly Float64Array[],
): RunChunk['lineages'] {
  const members: number[][] = Array.from({ length: p.size }, () => []);
  alive.forEach((row, k) => members[p.eve[row]].push(k));
  const weights = members.map((ks) => normaliseWeights(Float64Array.from(ks, (k) => p.logWeight[alive[k]])));
  const mean = (values: Float64Array, unit: number): number => {
    const ks = members[unit];
    return ks.length === 0
      ? 0
      : weightedMean(
          weights[unit],
          Float64Array.from(ks, (k) => values[k]),
        );
  };
  const means = columns.map((c) => Float64Array.from(members, (_, unit) => mean(c, unit)));
  // Rows share the weight of a particle between them where particles are expanded.
  const logShare = Math.log(s.plan.expansion);
  return { logWeights: lineageWeights(p).map((w) => w + logShare), means };
}
