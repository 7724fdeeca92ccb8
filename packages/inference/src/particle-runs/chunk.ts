import type { TextBatch } from '@postulate/models';
import { andThen, type Maybe } from '../bind/index.ts';
import { groupedMeans, namedValues, normaliseWeights, weightedMean } from '../diagnostics/index.ts';
import { gatherFloats, gatherIntegers } from '../numeric/index.ts';
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
  const alive = aliveRows(p.logWeight);
  const batch = textsOf(p, alive, s.target.prior);
  return andThen(namedValues(s.target.named, batch), (named) => {
    const logFactor = gatherFloats(p.logFactor, alive);
    const logPrior = gatherFloats(p.logPrior, alive);
    const logWeights = gatherFloats(p.logWeight, alive);
    const columns = [...named, sumOf(logPrior, logFactor), logFactor];
    const single = s.plan.runs === 1;
    const lineages = lineageWeights(p);
    return {
      ...ownArrays(batch),
      logZ: run.logZ,
      logPrior,
      logFactor,
      logWeights,
      means: single ? new Float64Array(0) : meansOf(logWeights, columns),
      lows: Float64Array.from(columns, least),
      highs: Float64Array.from(columns, greatest),
      lineageSquares: lineageSquares(lineages),
      lineages: single ? lineagesOf(s, gatherIntegers(p.eve, alive), logWeights, columns, lineages) : undefined,
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

function aliveRows(logWeights: Float64Array): Int32Array {
  const rows = new Int32Array(logWeights.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) if (logWeights[i] > -Infinity) rows[count++] = i;
  return rows.slice(0, count);
}

/** What can be sent elsewhere of a batch. */
function ownArrays({ tokens, offsets, finished }: TextBatch): Pick<RunChunk, 'tokens' | 'offsets' | 'finished'> {
  return { tokens, offsets, finished };
}

function ancestryOf({ generations, lastDeath }: ParticleRun): RunChunk['ancestry'] {
  return lastDeath === undefined ? { generations } : { generations, lastDeath };
}

function sumOf(a: Float64Array, b: Float64Array): Float64Array {
  const sums = new Float64Array(a.length);
  for (let i = 0; i < sums.length; i++) sums[i] = a[i] + b[i];
  return sums;
}

function least(values: Float64Array): number {
  let found = Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] < found) found = values[i];
  return found;
}

function greatest(values: Float64Array): number {
  let found = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] > found) found = values[i];
  return found;
}

function meansOf(logWeights: Float64Array, columns: readonly Float64Array[]): Float64Array {
  const weights = normaliseWeights(logWeights);
  return Float64Array.from(columns, (c) => (c.length === 0 ? 0 : weightedMean(weights, c)));
}

function lineagesOf(
  s: RunsState,
  eves: Int32Array,
  logWeights: Float64Array,
  columns: readonly Float64Array[],
  lineages: Float64Array,
): RunChunk['lineages'] {
  const means = groupedMeans(eves, lineages.length, logWeights, columns);
  // Rows share the weight of a particle between them where particles are expanded.
  const logShare = Math.log(s.plan.expansion);
  return { logWeights: lineages.map((w) => w + logShare), means };
}
