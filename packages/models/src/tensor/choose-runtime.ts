import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fail } from '@postulate/graph';
import type { TensorRuntime } from './runtime.ts';

export interface LoadOptions {
  /** Threads within one operation, where the runtime lets them be chosen. */
  readonly threads: number;
  /** True where the user named this runtime: then it need not be the best for the machine, only load. */
  readonly named: boolean;
}

/** A way to run tensor programs. `load` gives the runtime, or why it is not to be had, for people. */
export interface Candidate {
  readonly name: string;
  load(options: LoadOptions): Promise<TensorRuntime | string>;
}

export interface PassedOver {
  readonly name: string;
  readonly reason: string;
}

export interface ChosenRuntime {
  readonly name: string;
  readonly runtime: TensorRuntime;
  /** The better ones, and why each is not in use. */
  readonly passedOver: readonly PassedOver[];
}

export interface ChooseOptions {
  /** Takes this one and no other. */
  readonly name?: string;
  /** Default: one a processor. */
  readonly threads?: number;
}

/** What was found of the candidates, the best first, up to the one that loads. */
export interface Survey {
  readonly chosen: Omit<ChosenRuntime, 'passedOver'> | undefined;
  readonly passedOver: readonly PassedOver[];
}

/** Tries `candidates` until one loads. Nothing of a runtime is read before it is asked for here. */
export async function surveyRuntimes(
  { name, threads = availableParallelism() }: ChooseOptions = {},
  candidates: readonly Candidate[] = CANDIDATES,
): Promise<Survey> {
  const passedOver: PassedOver[] = [];
  for (const candidate of candidates.filter((c) => name === undefined || c.name === name)) {
    const found = await loaded(candidate, { threads, named: name !== undefined });
    if (typeof found !== 'string') return { chosen: { name: candidate.name, runtime: found }, passedOver };
    passedOver.push({ name: candidate.name, reason: found });
  }
  return { chosen: undefined, passedOver };
}

/** The best of `candidates` that loads. P532 where the one that is named, or every one, is missing. */
export async function chooseRuntime(
  options: ChooseOptions = {},
  candidates: readonly Candidate[] = CANDIDATES,
): Promise<ChosenRuntime> {
  const { name } = options;
  const known = candidates.map((c) => c.name);
  if (name !== undefined && !known.includes(name)) {
    throw fail('P532', `there is no runtime called "${name}".`, { help: `there are: ${known.join(', ')}.` });
  }
  const { chosen, passedOver } = await surveyRuntimes(options, candidates);
  if (chosen !== undefined) return { ...chosen, passedOver };
  const reasons = passedOver.map((p) => `${p.name}: ${p.reason}`).join('; ');
  throw fail('P532', `no runtime for neural models can be used: ${reasons}.`, {
    help: 'install onnxruntime-node, or onnxruntime-web where there is no build of it for this machine.',
  });
}

async function loaded(candidate: Candidate, options: LoadOptions): Promise<TensorRuntime | string> {
  try {
    return await candidate.load(options);
  } catch (error) {
    return isMissing(error) ? 'not installed' : `does not load: ${firstLine(error)}`;
  }
}

/** A package that is not there, and not one that is there and lacks something itself. */
function isMissing(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return (
    (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') &&
    /package|module '@?[\w/-]+'/.test(firstLine(error))
  );
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0].trim();
}

const GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';

/** From this release on Node.js lacks `util.isNullOrUndefined`, which version 4.22 of the package calls. */
const NODE_TOO_NEW = 23;

/** Why TensorFlow cannot be used here, as far as it can be known without loading it; undefined where it may. */
export function tensorflowObstacle(
  { named }: Pick<LoadOptions, 'named'>,
  machine: { readonly node: string; readonly folder: string | undefined; readonly gpu: boolean },
): string | undefined {
  if (machine.folder === undefined) return 'not installed';
  if (Number(machine.node.split('.')[0]) >= NODE_TOO_NEW) {
    return `does not work with Node.js ${machine.node}: it calls util.isNullOrUndefined, which Node.js ${NODE_TOO_NEW} removed`;
  }
  if (!hasBinding(machine.folder)) {
    return 'its native part is missing: the step of its installation that downloads libtensorflow has not run or failed';
  }
  return named || machine.gpu ? undefined : 'this machine has no NVIDIA GPU';
}

function hasBinding(folder: string): boolean {
  const lib = join(folder, 'lib');
  return existsSync(lib) && readdirSync(lib).some((version) => existsSync(join(lib, version, 'tfjs_binding.node')));
}

/** Where the drivers of NVIDIA's GPUs show themselves: Linux, WSL, Windows. */
const DRIVERS = ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg', 'C:\\Windows\\System32\\nvcuda.dll'];

function packageFolder(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

const tensorflow: Candidate = {
  name: 'tensorflow',
  async load({ named }) {
    const gpu = DRIVERS.some((path) => existsSync(path));
    const machine = { node: process.versions.node, folder: packageFolder(GPU_PACKAGE), gpu };
    const obstacle = tensorflowObstacle({ named }, machine);
    if (obstacle !== undefined) return obstacle;
    // Its native part writes a page of notices to the terminal otherwise.
    process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
    const { tfjsRuntime } = await import('./tfjs/runtime.ts');
    const module = (await import(GPU_PACKAGE as string)) as { default: Parameters<typeof tfjsRuntime>[0] };
    const tf = module.default;
    await tf.ready();
    const onGpu = (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
    if (!onGpu && !named) return 'TensorFlow finds no GPU that it can use (it wants CUDA 11.2 and cuDNN 8)';
    return tfjsRuntime(tf, `${GPU_PACKAGE}, ${onGpu ? 'GPU' : 'CPU'}, TensorFlow.js`);
  },
};

const native: Candidate = {
  name: 'onnxruntime-node',
  async load({ threads }) {
    const { ortRuntime } = await import('./ort/runtime.ts');
    const ort = await import('onnxruntime-node');
    return ortRuntime(ort, `onnxruntime-node ${ort.env.versions.node ?? ''}`.trim(), { threads });
  },
};

const web: Candidate = {
  name: 'onnxruntime-web',
  async load({ threads }) {
    const { ortRuntime } = await import('./ort/runtime.ts');
    const ort = await import('onnxruntime-web');
    ort.env.wasm.numThreads = threads;
    return ortRuntime(ort, `onnxruntime-web ${ort.env.versions.web ?? ''} (WASM)`, { threads });
  },
};

/** The best first. */
export const CANDIDATES: readonly Candidate[] = [tensorflow, native, web];
