import { parentPort, workerData } from 'node:worker_threads';
import { chooseRuntime } from '@postulate/models/neural';
import { type Size, tokensPerSecond } from './support/language-models.ts';

/** One worker of batched sampling: a runtime of its own on one thread. */
const {
  size,
  rounds,
  runtime: name,
} = workerData as { readonly size: Size; readonly rounds: number; readonly runtime: string };
const { runtime } = await chooseRuntime({ name, threads: 1 });
parentPort?.postMessage(await tokensPerSecond(runtime, size, rounds));
