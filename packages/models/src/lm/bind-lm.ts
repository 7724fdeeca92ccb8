import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '@postulate/graph';
import { neuralModel } from '../neural/index.ts';
import { guided } from '../policies/guided-policy.ts';
import type { LanguageModel, PolicyOptions, TrainablePolicy } from '../port/index.ts';
import type { Shaping } from '../priors/shaping.ts';
import { decoderPolicy } from '../training/decoder-policy.ts';
import type { Decoder } from '../transformer/decoder.ts';
import { exportOf } from '../runtimes/transformers-js/load-decoder.ts';
import { withAdapters } from './adapters.ts';
import { priorElsewhere } from './elsewhere.ts';
import { openFolder, type OpenOptions } from './open-folder.ts';
import type { OpenedLm } from './opened.ts';
import { type FittingRuntime, fittingRuntime } from './runtime-fit.ts';
import { fetched, type LmSource, lmSource } from './source.ts';
import { steerableDecoder } from './steering.ts';

export interface LmArguments {
  readonly source: string;
  readonly maxTokens: number;
  readonly prompt: string | undefined;
  readonly shaping: Shaping;
}

/** Models that are open, by source and runtime: contexts and mixtures share what is read once. */
const opened = new Map<string, Promise<OpenedLm>>();

/** The prior that `lm(source, …)` means. */
export async function bindLm(args: LmArguments, directory: string, options: OpenOptions): Promise<LanguageModel> {
  const { source, maxTokens, prompt, shaping } = args;
  const found = await fetched(lmSource(source, directory), options);
  const runtime = fittingRuntime(found, options.runtime, holdsOnnxOnly(found));
  if (runtime.kind === 'llama-cpp' || runtime.kind === 'server') return priorElsewhere(found, args, options);
  const lm = await openLm(found, runtime, { ...options, shown: source });
  const prefix = Int32Array.of(...lm.begin, ...(prompt === undefined ? [] : await lm.encode(prompt)));
  const model = await neuralModel(lm.network, { vocabulary: lm.vocabulary, maxTokens, prefix, shaping });
  const plain = Object.values(shaping).every((value) => value === undefined);
  if (lm.decoder === undefined) return model;
  const { decoder, network, vocabulary } = lm;
  const steerable = steerableDecoder({ decoder, id: network.id, vocabulary, prefix, shaping });
  if (!plain) return { ...model, steerable };
  const known: Origin = { decoder, prefix };
  const trainable: LanguageModel = {
    ...model,
    steerable,
    trainable: (policy, family = [trainable]) => policyOf(trainable, known, family, policy),
  };
  origins.set(trainable, known);
  return trainable;
}

/** True for a folder whose model is there as an ONNX export alone. */
function holdsOnnxOnly(source: LmSource): boolean {
  return source.kind === 'folder' && !hasWeights(source.path) && exportOf(source.path) !== undefined;
}

const hasWeights = (folder: string): boolean =>
  ['model.safetensors', 'model.safetensors.index.json'].some((name) => existsSync(join(folder, name)));

/** A model that is evaluated in this process, read once. */
export function openLm(source: LmSource, runtime: FittingRuntime, options: OpenOptions): Promise<OpenedLm> {
  const key = JSON.stringify([source, runtime]);
  const known = opened.get(key);
  if (known !== undefined) return known;
  const made = openSource(source, runtime, options);
  opened.set(key, made);
  made.catch(() => opened.delete(key));
  return made;
}

async function openSource(source: LmSource, runtime: FittingRuntime, options: OpenOptions): Promise<OpenedLm> {
  if (source.kind !== 'folder') throw fail('P503', `models of this kind (${source.kind}) are not in this version.`);
  if (runtime.kind === 'tensor') return openFolder(source.path, { ...options, runtime: runtime.name });
  const { openOnnx } = await import('../runtimes/transformers-js/index.ts');
  options.onProgress?.(`lm("${options.shown ?? source.path}") runs on @huggingface/transformers`);
  return openOnnx(source.path);
}

interface Origin {
  readonly decoder: Decoder;
  readonly prefix: Int32Array;
}

/** Where priors come from, for those who train several prompts of one model together. */
const origins = new WeakMap<LanguageModel, Origin>();

async function policyOf(
  model: LanguageModel,
  { decoder }: Origin,
  family: readonly LanguageModel[],
  options: PolicyOptions,
): Promise<TrainablePolicy> {
  const prefixes = family.map((member) => {
    const origin = origins.get(member);
    if (origin?.decoder === decoder) return origin.prefix;
    throw fail('P600', 'the priors of the contexts are different models, which share nothing that could be trained', {
      help: 'let the contexts be prompts of one prior.',
    });
  });
  const { id, vocabulary, maxTokens } = model;
  const parts = { decoder: withAdapters(decoder, options.rank ?? 0), id, vocabulary, maxTokens, prefixes };
  return guided(await decoderPolicy(parts, options), options);
}
