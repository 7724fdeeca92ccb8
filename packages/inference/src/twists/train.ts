import type { Chooser } from '@postulate/models';
import { aliveStates } from '../machine/index.ts';
import { logMeanExp } from '../numeric/index.ts';
import { contrastive } from './contrastive.ts';
import { Features } from './features.ts';
import type { JointMachine } from './joint-machine.ts';
import type { LogLinear } from './log-linear.ts';
import type { Objective } from './objective.ts';
import type { TwistOptions, Twisted } from './options.ts';
import { softValue } from './soft-value.ts';
import { LISTED } from './successors.ts';
import { drawTrajectories } from './training-draws.ts';
import { numberFeatures, trainingSet, type TrainingSet } from './training-set.ts';
import type { Trajectories } from './trajectories.ts';

/** What θ is trained for. */
export type TrainingGoal = 'contrastive' | 'soft-value';

/** A twist of trained weights. */
export interface Trained {
  readonly model: LogLinear;
  /** Texts drawn. */
  readonly texts: number;
  /** Whether any of them had a positive weight. */
  readonly found: boolean;
}

/**
 * θ is drawn to 0 as if this many texts said so: (κ / n) Σ_k p(θ_k) is added to an objective that rests on n texts, p(θ) = θ²/2
 * above 0 and exp(−θ) + θ − 1 below, so that what n texts never showed counts e^θ ≈ κ / n and not less.
 */
const SHRINKAGE = 1;
/** Most entries of rows of the prior that are worked out; beyond them fewer texts are drawn. */
const MOST_ROW_ENTRIES = 50_000_000;
/** Most tokens that are listed as able to follow, over all prefixes of soft values. */
const MOST_SUCCESSORS = 600_000;
/** Most tokens that are tallied over all texts and their prefixes, times 2. */
const MOST_TALLIED = 100_000_000;
/** Fewest texts of a round. */
const LEAST_TEXTS = 16;

/** Everything that training needs. */
export interface TrainingJob {
  readonly target: Twisted;
  readonly joint: JointMachine;
  readonly goal: TrainingGoal;
  readonly options: TwistOptions;
  readonly chooser: Chooser;
  /** Lets other work in between; throws when stopped. */
  readonly breathe: () => Promise<void> | undefined;
}

/**
 * Trains a log-linear twist in rounds: texts are drawn by sequential importance sampling, from the prior first and then from the
 * proposal of the twist so far; then θ goes down the gradient over all texts so far, each entry by its own scale.
 */
export async function trainTwist(job: TrainingJob): Promise<Trained> {
  const { target, joint, options, goal, chooser } = job;
  const { maxTokens } = target.prior;
  const endsToo = joint.leftOut.length > 0;
  const alive = aliveStates(joint.machine, maxTokens);
  const features = new Features(
    joint.machine,
    maxTokens,
    endsToo && options.learnedDraws * maxTokens ** 2 < MOST_TALLIED,
  );
  let model: LogLinear = {
    ...{ machine: joint.machine, maxTokens, alive, features, endsToo, level: 0, theta: new Float64Array(0) },
  };
  const sets: TrainingSet[] = [];
  let found = false;
  for (let round = 0; round < options.learnedRounds; round++) {
    const rows = round > 0 || goal === 'soft-value';
    const size = textsOf(job, rows);
    const drawing = { model, size, twisted: round > 0, successors: goal === 'soft-value', breathe: job.breathe };
    const x = await drawTrajectories(target, drawing, chooser.split(round));
    if (!found && x.logWeight.some((w) => w > -Infinity)) {
      found = true;
      if (endsToo) model = { ...model, level: meanRest(x) };
    }
    sets.push(trainingSet(features, x));
    if (found || !endsToo) model = await minimise(model, sets, job);
  }
  return { model, texts: sets.reduce((s, x) => s + x.texts, 0), found };
}

/** Texts of a round; where rows of the prior are written out, or what can follow is kept, their number is bounded. */
function textsOf({ target, options, goal }: TrainingJob, rows: boolean): number {
  const { learnedDraws, learnedRounds } = options;
  const { maxTokens, vocabulary } = target.prior;
  const share = Math.max(1, Math.floor(learnedDraws / learnedRounds));
  const width = vocabulary.size + 1;
  const most = (entries: number, each: number): number => Math.floor(entries / learnedRounds / maxTokens / each);
  const byRows = rows ? most(MOST_ROW_ENTRIES, width) : Infinity;
  const bySuccessors = goal === 'soft-value' ? most(MOST_SUCCESSORS, Math.min(width, LISTED)) : Infinity;
  return Math.min(share, Math.max(LEAST_TEXTS, Math.min(byRows, bySuccessors)));
}

/** log of the mean of φ beyond what the automata gather, over the texts where it is positive. */
function meanRest(x: Trajectories): number {
  const rests = x.rest.filter((r) => r > -Infinity);
  return logMeanExp(rests);
}

async function minimise(model: LogLinear, sets: readonly TrainingSet[], job: TrainingJob): Promise<LogLinear> {
  const { learnedUpdates: updates, learnedRate: rate } = job.options;
  const { size } = model.features;
  const theta = new Float64Array(size);
  theta.set(model.theta);
  for (const x of sets) numberFeatures(model.features, x, model.maxTokens);
  const objective: Objective = (job.goal === 'contrastive' ? contrastive : softValue)(sets, model);
  if (objective.texts === 0) return { ...model, theta };
  const gradient = new Float64Array(size);
  const scale = new Float64Array(size);
  const shrinkage = SHRINKAGE / objective.texts;
  for (let step = 0; step < updates; step++) {
    objective.gradient(theta, gradient, scale);
    for (let k = 0; k < size; k++) {
      const [slope, bend] = theta[k] >= 0 ? [theta[k], 1] : [1 - Math.exp(-theta[k]), Math.exp(-theta[k])];
      theta[k] -= (rate * (gradient[k] + shrinkage * slope)) / (scale[k] + shrinkage * bend);
    }
    await job.breathe();
  }
  return { ...model, theta };
}
