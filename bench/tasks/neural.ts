import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { chooseRuntime, type TensorRuntime, tfjsRuntime } from '@postulate/models/neural';
import { torchRun } from '../peers/torch-lm.ts';
import { atLeast, atMost } from '../support/goals.ts';
import { SAMPLING, secondsPerStep, type Size, SIZES, tokensPerSecond, TRAINING } from '../support/language-models.ts';
import type { Row } from '../support/row.ts';
import { median } from '../support/statistics.ts';
import type { Task, TaskOptions } from '../support/task.ts';

/** What the project asks of itself on a CPU: a step in at most this many times torch's, draws at least at its rate. */
const TRAINING_RATIO = 1.1;
const SAMPLING_RATIO = 1;

const tokensOf = (seconds: number): number => (TRAINING.batch * TRAINING.length) / seconds;

/** This project and torch in turns, so that other work on the machine falls on both alike; `own` comes first. */
async function inTurns<T>(rounds: number, own: () => Promise<number>, peer: () => T | string) {
  const ours: number[] = [];
  const theirs: T[] = [];
  for (let i = 0; i < rounds; i++) {
    ours.push(await own());
    const found = peer();
    if (typeof found === 'string') return { ours, theirs: found };
    theirs.push(found);
  }
  return { ours, theirs };
}

async function trainingRows(size: Size, { quick, python }: TaskOptions): Promise<readonly Row[]> {
  const { runtime } = await chooseRuntime({ name: 'onnxruntime-node' });
  const [rounds, steps] = quick ? [1, 8] : [3, 20];
  const peer = () => (python === undefined ? 'no --python' : torchRun(python, 'train', size, steps));
  const { ours, theirs } = await inTurns(rounds, () => secondsPerStep(runtime, size, steps), peer);
  const seconds = median(ours);
  const row: Row = {
    task: 'train',
    what: `${size.name} ${runtime.description}`,
    seconds,
    tokensPerSecond: tokensOf(seconds),
  };
  if (typeof theirs === 'string')
    return [row, { task: 'train', what: `${size.name} torch`, note: `skipped: ${theirs}` }];
  const torch = median(theirs.map((t) => t.seconds as number));
  const ratio = median(ours.map((s, i) => s / (theirs[i].seconds as number)));
  return [
    { ...row, ratio, ...atMost('ratio', ratio, TRAINING_RATIO) },
    {
      task: 'train',
      what: `${size.name} torch ${theirs[0].torch}, ${theirs[0].threads} threads`,
      seconds: torch,
      tokensPerSecond: tokensOf(torch),
    },
  ];
}

/** Tokens a second of one worker a core, each with a runtime on one thread. */
async function allCores(size: Size, rounds: number, runtime: string): Promise<number> {
  const one = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./sampling-worker.js', import.meta.url), {
        workerData: { size, rounds, runtime },
      });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  const rates = await Promise.all(Array.from({ length: availableParallelism() }, one));
  return rates.reduce((a, b) => a + b, 0);
}

async function samplingRows(size: Size, { quick, python }: TaskOptions): Promise<readonly Row[]> {
  const [turns, rounds] = quick ? [1, 3] : [3, 10];
  const peer = () => (python === undefined ? 'no --python' : torchRun(python, 'sample', size, rounds));
  const { ours, theirs } = await inTurns(turns, () => allCores(size, rounds, 'onnxruntime-node'), peer);
  const what = `${size.name} onnxruntime-node, ${availableParallelism()} workers, batch ${SAMPLING.batch}`;
  const row: Row = { task: 'sample', what, tokensPerSecond: median(ours) };
  if (typeof theirs === 'string')
    return [row, { task: 'sample', what: `${size.name} torch`, note: `skipped: ${theirs}` }];
  const ratio = median(ours.map((rate, i) => rate / (theirs[i].tokensPerSecond as number)));
  const torch = median(theirs.map((t) => t.tokensPerSecond as number));
  return [
    { ...row, ratio, ...atLeast('ratio', ratio, SAMPLING_RATIO) },
    {
      task: 'sample',
      what: `${size.name} torch ${theirs[0].torch}, ${theirs[0].threads} processes`,
      tokensPerSecond: torch,
    },
  ];
}

/** The runtimes that are no rivals on a CPU: a look at each, with fewer rounds. */
const OTHERS: readonly (readonly [name: string, load: () => Promise<TensorRuntime>])[] = [
  ['onnxruntime-web', async () => (await chooseRuntime({ name: 'onnxruntime-web' })).runtime],
  ['TensorFlow.js, WASM', wasm],
  ['TensorFlow.js, native', async () => (await chooseRuntime({ name: 'tensorflow' })).runtime],
];

async function wasm(): Promise<TensorRuntime> {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  await tf.ready();
  return tfjsRuntime(tf);
}

async function otherRows(size: Size, quick: boolean): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [name, load] of OTHERS) {
    try {
      const runtime = await load();
      const what = `${size.name} ${runtime.description}`;
      const seconds = await secondsPerStep(runtime, size, quick ? 1 : 3);
      rows.push({ task: 'train', what, seconds, tokensPerSecond: tokensOf(seconds) });
      rows.push({
        task: 'sample',
        what: `${what}, batch ${SAMPLING.batch}`,
        tokensPerSecond: await tokensPerSecond(runtime, size, 1),
      });
    } catch (error) {
      const note = error instanceof Error ? error.message.split('\n')[0] : String(error);
      rows.push({ task: '', what: `${size.name} ${name}`, note: `skipped: ${note}` });
    }
  }
  return rows;
}

export const neural: Task = {
  name: 'neural',
  title:
    'Language models: a step of training on 16 × 64 tokens (seconds; ratio is this project’s time over torch’s), and drawing 64 texts of 32 tokens at once (ratio is this project’s rate over torch’s)',
  rows: async (options) => {
    const rows: Row[] = [];
    for (const size of SIZES) {
      rows.push(...(await trainingRows(size, options)), ...(await samplingRows(size, options)));
      if (!options.quick || size === SIZES[0]) rows.push(...(await otherRows(size, options.quick)));
    }
    return rows;
  },
};
