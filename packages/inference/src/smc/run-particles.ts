import type { Chooser, LanguageModel } from '@postulate/models';
import { andThen, logFactors, type Maybe } from '../bind/index.ts';
import { logSumExp } from '../numeric/index.ts';
import type { Ancestry, Factor } from '../port/index.ts';
import type { Resampler } from '../resampling/index.ts';
import { conditionalResample, retainedChooser, type Retained } from './conditional.ts';
import type { Extended, Extension, ExtensionSession } from './extension.ts';
import { generationRecord, type GenerationRecord } from './generation-record.ts';
import { ENDED, isLive, newParticles, rowChoosers, STOPPED, textsOf, type Particles } from './particles.ts';
import { resampleParticles } from './resample-particles.ts';

/** What particles approximate: prior · Π φ, extended in some way. */
export interface ParticleProblem {
  readonly prior: Pick<LanguageModel, 'vocabulary' | 'maxTokens'>;
  readonly factors: readonly Factor[];
  readonly extension: Extension;
}

export interface ParticleOptions {
  readonly particles: number;
  /** Resamples where the effective sample size falls below this share of the particles. */
  readonly essThreshold: number;
  readonly resampler: Resampler;
  /** Ways in which each particle is extended before as many as before are kept; 1 for plain resampling. */
  readonly expansion: number;
  /** Records every generation. */
  readonly recorded?: boolean;
  /** Makes the first particle this text: conditional sequential Monte Carlo, with multinomial resampling. */
  readonly retained?: Retained;
}

/** One run of sequential Monte Carlo. */
export interface ParticleRun {
  /** log Ẑ, unbiased for Z; `-Infinity` where every particle died. */
  readonly logZ: number;
  readonly particles: Particles;
  /** Particles that each factor was the first to give weight zero; in the last place those for which nothing could follow. */
  readonly killed: Int32Array;
  /** The last death, if every particle died. */
  readonly lastDeath: Death | undefined;
  readonly generations: Ancestry['generations'];
  readonly resamplings: number;
  readonly tokens: number;
  readonly cost: ExtensionSession['cost'];
}

interface Death {
  readonly factor: string;
  readonly prefix: string;
}

/** A run in progress. */
interface Running {
  readonly problem: ParticleProblem;
  readonly options: ParticleOptions;
  readonly session: ExtensionSession;
  readonly choosers: (row: number) => Chooser;
  readonly chance: Chooser;
  readonly extended: Extended;
  readonly killed: Int32Array;
  /** 1 for each row that is to be extended next, and how many there are. */
  readonly live: Uint8Array;
  lives: number;
  readonly record: GenerationRecord;
  particles: Particles;
  death: { readonly killer: number; readonly row: number } | undefined;
  resamplings: number;
  tokens: number;
}

function roomToExtend(rows: number): Extended {
  const memory = new ArrayBuffer(28 * rows);
  return {
    logPrior: new Float64Array(memory, 0, rows),
    logRatio: new Float64Array(memory, 8 * rows, rows),
    logTwist: new Float64Array(memory, 16 * rows, rows),
    tokens: new Int32Array(memory, 24 * rows, rows),
  };
}

function start(problem: ParticleProblem, options: ParticleOptions, chooser: Chooser): Running {
  const rows = options.particles * options.expansion;
  const own = rowChoosers(chooser.split('rows'));
  const forced = options.retained && retainedChooser(options.retained, problem.prior.vocabulary.size);
  return {
    problem,
    options,
    session: problem.extension.open(rows),
    choosers: (row) => (row === 0 && forced ? forced : own(row)),
    chance: chooser.split('resample'),
    extended: roomToExtend(rows),
    killed: new Int32Array(problem.factors.length + 1),
    live: new Uint8Array(rows).fill(1),
    lives: rows,
    record: generationRecord(rows),
    particles: newParticles(rows, problem.prior.maxTokens, -Math.log(options.expansion)),
    death: undefined,
    resamplings: 0,
    tokens: 0,
  };
}

/**
 * Extends particles token by token, weighs them, and resamples (`algorithms.md` 4.6). The log weight of a particle gains
 * log prior/proposal + log ψ(new prefix) − log ψ(old one), with the factors' log φ in place of ψ once the text is
 * complete; complete texts stay in the pool. Ẑ is unbiased for every twist, number of particles and resampling rule.
 */
export function runParticles(problem: ParticleProblem, options: ParticleOptions, chooser: Chooser): Maybe<ParticleRun> {
  return generations(start(problem, options, chooser));
}

function generations(run: Running): Maybe<ParticleRun> {
  while (run.lives > 0) {
    const done = generation(run);
    if (done instanceof Promise) return done.then(() => generations(run));
  }
  return result(run);
}

function generation(run: Running): Maybe<void> {
  return andThen(run.session.extend(run.live, run.choosers, run.extended), () =>
    andThen(weighComplete(run, applyExtension(run)), () => {
      const resampled = shouldResample(run);
      if (run.options.recorded) run.record.add(run.particles, run.live, run.extended.tokens, resampled);
      if (resampled) resample(run);
      run.lives = findLive(run);
    }),
  );
}

function findLive({ particles, live }: Running): number {
  let lives = 0;
  for (let i = 0; i < live.length; i++) lives += live[i] = isLive(particles, i) ? 1 : 0;
  return lives;
}

/** Appends the tokens and weighs the prefixes; gives the rows that are complete now. */
function applyExtension(run: Running): readonly number[] {
  const { particles: p, extended: x, problem, live } = run;
  const end = problem.prior.vocabulary.size;
  const complete: number[] = [];
  for (let i = 0; i < p.size; i++) {
    if (live[i] === 0) continue;
    p.logPrior[i] += x.logPrior[i];
    p.logWeight[i] += x.logRatio[i] - p.logTwist[i];
    if (x.tokens[i] === end) p.ends[i] = ENDED;
    else if (x.tokens[i] >= 0) {
      p.tokens[i * p.maxTokens + p.lengths[i]++] = x.tokens[i];
      run.tokens++;
      if (p.lengths[i] === p.maxTokens) p.ends[i] = STOPPED;
    }
    p.logTwist[i] = p.ends[i] === 0 ? x.logTwist[i] : 0;
    if (p.ends[i] !== 0 && p.logWeight[i] > -Infinity) complete.push(i);
    else p.logWeight[i] += p.logTwist[i];
    if (p.logWeight[i] === -Infinity) die(run, i, problem.factors.length);
  }
  return complete;
}

function weighComplete(run: Running, rows: readonly number[]): Maybe<void> {
  if (rows.length === 0) return undefined;
  const { particles: p, problem, extended } = run;
  if (problem.extension.weighs) {
    for (const row of rows) weigh(run, row, extended.logTwist[row], problem.factors.length);
    return undefined;
  }
  return andThen(logFactors(problem.factors, textsOf(p, rows, problem.prior)), ({ logFactor, killer }) => {
    rows.forEach((row, k) => weigh(run, row, logFactor[k], killer[k]));
  });
}

function weigh(run: Running, row: number, logFactor: number, killer: number): void {
  const { particles: p } = run;
  p.logFactor[row] = logFactor;
  p.logWeight[row] += logFactor;
  if (p.logWeight[row] === -Infinity) die(run, row, killer);
}

function die(run: Running, row: number, killer: number): void {
  run.killed[killer]++;
  run.death = { killer, row };
}

/** Whether something is still to be extended and the weights call for resampling. */
function shouldResample({ particles: p, options }: Running): boolean {
  const { logWeight, size } = p;
  let most = -Infinity;
  let live = false;
  for (let i = 0; i < size; i++) {
    if (logWeight[i] > most) most = logWeight[i];
    live ||= isLive(p, i);
  }
  if (!live) return false;
  if (options.expansion > 1) return true;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < size; i++) {
    const weight = Math.exp(logWeight[i] - most);
    sum += weight;
    squares += weight * weight;
  }
  return (sum * sum) / squares < options.essThreshold * options.particles;
}

function resample(run: Running): void {
  const { options, session, chance } = run;
  const resampler = options.retained ? conditionalResample : options.resampler;
  const next = resampleParticles(run.particles, options.particles, options.expansion, resampler, chance);
  run.particles = next.particles;
  run.resamplings++;
  session.reorder(next.ancestors);
  run.record.reorder(next.ancestors);
}

function result(run: Running): ParticleRun {
  const { problem, options, particles: p, death } = run;
  const logZ = logSumExp(p.logWeight) - Math.log(options.particles);
  const dead = logZ === -Infinity && death !== undefined;
  return {
    logZ,
    particles: p,
    killed: run.killed,
    lastDeath: dead ? describe(problem, p, death) : undefined,
    generations: run.record.generations,
    resamplings: run.resamplings,
    tokens: run.tokens,
    cost: { ...run.session.cost },
  };
}

function describe({ factors, prior, extension }: ParticleProblem, p: Particles, death: Running['death'] & {}): Death {
  const factor = factors[death.killer]?.label ?? extension.blame ?? extension.name;
  return { factor, prefix: textsOf(p, [death.row], prior).text(0) };
}
