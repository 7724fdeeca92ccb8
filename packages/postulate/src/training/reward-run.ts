import { createHash } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { seededChooser } from '@postulate/inference';
import {
  isShipped,
  type Judgement,
  modelPath,
  openBase,
  parseRewardData,
  readCheckpoint,
  RewardFit,
  type RewardKind,
  type RewardRecipe,
  type RewardTraining,
  type TensorRuntime,
  writeCheckpoint,
  writeReward,
} from '@postulate/models/neural';
import { toJson } from '../cli/json.ts';
import { lock } from '../run-folder/lock.ts';
import { VERSION } from '../version.ts';
import { rewardCard } from './reward-card.ts';
import { cutMetrics, openTrainingFolder, TRAINING_FILES } from './training-folder.ts';

export interface RewardRunOptions {
  /** The file of examples, and what it holds. */
  readonly file: string;
  readonly content: string;
  readonly out: string;
  /** A model by name, or a folder. */
  readonly base: string;
  readonly kind: RewardKind | undefined;
  readonly recipe: RewardRecipe;
  readonly seed: string;
  readonly resume: boolean;
  readonly runtime: TensorRuntime;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly onProgress: (progress: RewardProgress) => void;
  /** Milliseconds between checkpoints. */
  readonly checkpointEvery: number;
}

export type RewardProgress =
  | { readonly phase: 'texts'; readonly done: number; readonly total: number }
  | { readonly phase: 'training'; readonly done: number; readonly total: number; readonly loss: number };

export interface RewardResult extends Judgement {
  readonly finished: boolean;
  readonly kind: RewardKind;
  readonly step: number;
  readonly steps: number;
}

const checkpointName = (member: number): string => `checkpoint-${member}.safetensors`;

/** What may not differ where training is gone on with. */
function identity({ file, content, base, kind, recipe, seed }: RewardRunOptions): string {
  const dataHash = createHash('sha256').update(content).digest('hex');
  return toJson({
    kind: 'train-reward',
    version: VERSION,
    file,
    dataHash,
    base,
    head: kind ?? 'by the data',
    recipe,
    seed,
  });
}

/** Trains a reward model or classifier on examples, into a folder that the language reads. Goes on from the last checkpoints. */
export async function runReward(options: RewardRunOptions): Promise<RewardResult> {
  const data = parseRewardData(options.content, options.file, options.kind);
  const base = await openBase(modelPath(options.base, '.'), options.runtime);
  const chooser = seededChooser(options.seed).split('train-reward');
  const fit = new RewardFit(base, data.kind, data, options.recipe, chooser);
  openTrainingFolder({ ...options, identity: identity(options) });
  const release = lock(join(options.out, TRAINING_FILES.lock), options.out);
  try {
    return await train(options, fit);
  } finally {
    release();
  }
}

async function train(options: RewardRunOptions, fit: RewardFit): Promise<RewardResult> {
  const { out, recipe, runtime, log, onProgress } = options;
  log(`${fit.training.length} examples to learn from, ${fit.heldOut.length} held out, ${runtime.description}`);
  await fit.prepare((done, total) => onProgress({ phase: 'texts', done, total }));
  const members: RewardTraining[] = [];
  for (let m = 0; m < recipe.ensemble; m++) members.push(await restored(options, fit.member(m), m));
  const steps = members.reduce((sum, member) => sum + member.steps, 0);
  const done = (): number => members.reduce((sum, member) => sum + member.stepsDone, 0);
  cutMetrics(join(out, TRAINING_FILES.metrics), done());
  for (const [m, member] of members.entries()) await finishMember(options, member, m, done, steps);
  const state = { kind: fit.kind, step: done(), steps };
  if (state.step < steps) {
    const none = { examples: 0, loss: null, accuracy: null, explained: null, temperature: 1, ece: null };
    return { ...none, ...state, finished: false };
  }
  const source = isShipped(options.base) ? options.base : relative(resolve(out), resolve(options.base));
  const { config, judgement } = await fit.finish(members.map(({ weights }) => weights), source); // prettier-ignore
  const result = { ...judgement, ...state, finished: true };
  const card = rewardCard(basename(resolve(out)), { ...options, config, judgement, training: fit.training.length });
  await writeReward(out, { config, members: members.map(({ weights }) => weights) }, card);
  return result;
}

async function restored({ out, resume }: RewardRunOptions, member: RewardTraining, m: number): Promise<RewardTraining> {
  const file = join(out, checkpointName(m));
  if (resume && existsSync(file)) member.restore(await readCheckpoint(file));
  return member;
}

/** Steps of one member until it is done or stopped. */
async function finishMember(
  options: RewardRunOptions,
  member: RewardTraining,
  m: number,
  done: () => number,
  total: number,
): Promise<void> {
  const { out, signal, onProgress, checkpointEvery } = options;
  if (member.stepsDone >= member.steps) return;
  const save = (): Promise<void> => writeCheckpoint(join(out, checkpointName(m)), member.state());
  let saved = performance.now();
  let smooth: number | undefined;
  while (member.stepsDone < member.steps && !signal.aborted) {
    const step = member.stepsDone;
    const { loss, gradientNorm } = await member.step();
    if (!Number.isFinite(gradientNorm)) {
      throw new RangeError(`the gradient of step ${step} of member ${m} is no number; the last checkpoint is kept`);
    }
    smooth = smooth === undefined ? loss : 0.95 * smooth + 0.05 * loss;
    const line = { member: m, step, loss, grad_norm: gradientNorm };
    appendFileSync(join(out, TRAINING_FILES.metrics), `${JSON.stringify(line)}\n`);
    onProgress({ phase: 'training', done: done(), total, loss: smooth });
    if (performance.now() - saved < checkpointEvery) continue;
    await save();
    saved = performance.now();
  }
  await save();
}
