import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { seededChooser } from '@postulate/inference';
import {
  bitsPerByte,
  encodeSplit,
  type EncodedTexts,
  type LmRecipe,
  type LmTraining,
  readCheckpoint,
  recipeConfig,
  splitTexts,
  startLm,
  type TensorRuntime,
  type TokenizerJson,
  trainBpe,
  writeCheckpoint,
  writeModelFolder,
} from '@postulate/models/neural';
import { toJson } from '../cli/json.ts';
import { writeWhole } from '../cli/write-file.ts';
import { lock } from '../run-folder/lock.ts';
import { VERSION } from '../version.ts';
import { lmCard } from './lm-card.ts';
import { cutMetrics, openTrainingFolder, TRAINING_FILES } from './training-folder.ts';

const FILES = { ...TRAINING_FILES, tokenizer: 'tokenizer.json', checkpoint: 'checkpoint.safetensors' };

export interface LmRunOptions {
  readonly corpus: string;
  readonly texts: readonly string[];
  readonly out: string;
  readonly recipe: LmRecipe;
  readonly seed: string;
  readonly type: 'F32' | 'F16';
  readonly resume: boolean;
  readonly runtime: TensorRuntime;
  readonly encoder: (tokenizer: TokenizerJson) => (text: string) => Int32Array;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly onStep: (step: LmStep) => void;
  /** Milliseconds between checkpoints. */
  readonly checkpointEvery: number;
}

/** What is known after a step. */
export interface LmStep {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly rate: number;
  readonly gradientNorm: number;
  readonly tokens: number;
}

export interface LmResult {
  readonly finished: boolean;
  readonly step: number;
  readonly steps: number;
  readonly bitsPerByte: number | null;
  readonly parameters: number;
}

/** What may not differ where training is gone on with. */
function identity({ corpus, texts, recipe, seed }: LmRunOptions): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return toJson({ kind: 'train-lm', version: VERSION, corpus, corpusHash: hash.digest('hex'), recipe, seed });
}

/** Trains a tokenizer and a language model on texts, into a folder that `lm("…")` reads. Goes on from the last checkpoint. */
export async function runLm(options: LmRunOptions): Promise<LmResult> {
  openTrainingFolder({ ...options, identity: identity(options) });
  const release = lock(join(options.out, FILES.lock), options.out);
  try {
    return await train(options);
  } finally {
    release();
  }
}

async function train(options: LmRunOptions): Promise<LmResult> {
  const { out, recipe, runtime, seed, log } = options;
  const split = splitTexts(options.texts, recipe.heldOut);
  const tokenizer = await tokenizerOf(options, split.training);
  const end = tokenizer.added_tokens[0].id;
  const texts = encodeSplit(split, options.encoder(tokenizer), end);
  const config = recipeConfig(recipe, end + 1);
  const training = await startLm(runtime, recipe, config, texts, seededChooser(seed).split('train-lm'));
  const checkpoint = join(out, FILES.checkpoint);
  if (options.resume && existsSync(checkpoint)) training.restore(await readCheckpoint(checkpoint));
  cutMetrics(join(out, FILES.metrics), training.stepsDone);
  const parameters = [...training.weights.values()].reduce((total, { length }) => total + length, 0);
  log(`${parameters} parameters, ${training.steps} steps, ${runtime.description}`);
  const began = performance.now();
  const trainingLoss = await steps(training, options);
  const done = { step: training.stepsDone, steps: training.steps, parameters };
  if (training.stepsDone < training.steps) return { ...done, finished: false, bitsPerByte: null };
  const bits = await bitsPerByte(runtime, recipe, config, training.weights, texts);
  const card = lmCard(basename(resolve(out)), {
    ...figures(options, texts, split.training.length),
    parameters,
    steps: training.steps,
    trainingLoss,
    bitsPerByte: bits,
    seconds: (performance.now() - began) / 1000,
  });
  await writeModelFolder(out, { config, weights: training.weights, tokenizer, end, type: options.type, card });
  await training.dispose();
  return { ...done, finished: true, bitsPerByte: bits };
}

function figures({ corpus, seed, recipe }: LmRunOptions, texts: EncodedTexts, training: number) {
  const tokens = texts.training.reduce((total, { length }) => total + length + 1, 0);
  const { heldOut, heldOutBytes } = texts;
  return { corpus, seed, recipe, tokens, texts: { training, heldOut: heldOut.length, heldOutBytes } };
}

async function tokenizerOf({ out, recipe, log }: LmRunOptions, texts: readonly string[]): Promise<TokenizerJson> {
  const file = join(out, FILES.tokenizer);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as TokenizerJson;
  log(`training a tokenizer of ${recipe.vocabulary} tokens`);
  const tokenizer = trainBpe(texts, recipe.vocabulary);
  await writeWhole(file, `${JSON.stringify(tokenizer, null, 2)}\n`, '--out');
  return tokenizer;
}

/** Steps until the end or until stopped; gives the mean loss of the last hundred. */
async function steps(training: LmTraining, options: LmRunOptions): Promise<number> {
  const { out, signal, onStep, checkpointEvery } = options;
  const save = (): Promise<void> => writeCheckpoint(join(out, FILES.checkpoint), training.state());
  const recent: number[] = [];
  let saved = performance.now();
  while (training.stepsDone < training.steps && !signal.aborted) {
    const step = training.stepsDone;
    const { loss, rate, gradientNorm, tokens } = await training.step();
    if (!Number.isFinite(gradientNorm)) {
      throw new RangeError(`the gradient of step ${step} is no number; the last checkpoint is kept`);
    }
    recent.push(loss);
    if (recent.length > 100) recent.shift();
    const line = { step, loss, learning_rate: rate, grad_norm: gradientNorm, num_tokens: tokens };
    appendFileSync(join(out, FILES.metrics), `${JSON.stringify(line)}\n`);
    onStep({ step: step + 1, steps: training.steps, loss: mean(recent), rate, gradientNorm, tokens });
    if (performance.now() - saved < checkpointEvery) continue;
    await save();
    saved = performance.now();
  }
  await save();
  return mean(recent);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
