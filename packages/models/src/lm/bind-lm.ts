import { fail } from '@postulate/graph';
import { neuralModel } from '../neural/index.ts';
import type { LanguageModel, PolicyOptions, TrainablePolicy } from '../port/index.ts';
import type { Shaping } from '../priors/shaping.ts';
import { decoderPolicy } from '../training/decoder-policy.ts';
import type { Decoder } from '../transformer/decoder.ts';
import { withAdapters } from './adapters.ts';
import { openFolder, type OpenOptions } from './open-folder.ts';
import type { OpenedLm } from './opened.ts';
import { lmSource } from './source.ts';

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
  const lm = await open(source, directory, options);
  const prefix = Int32Array.of(...lm.begin, ...(prompt === undefined ? [] : await lm.encode(prompt)));
  const model = await neuralModel(lm.network, { vocabulary: lm.vocabulary, maxTokens, prefix, shaping });
  const plain = Object.values(shaping).every((value) => value === undefined);
  if (lm.decoder === undefined || !plain) return model;
  const known: Origin = { decoder: lm.decoder, prefix };
  const trainable: LanguageModel = {
    ...model,
    trainable: (policy, family = [trainable]) => policyOf(trainable, known, family, policy),
  };
  origins.set(trainable, known);
  return trainable;
}

function open(source: string, directory: string, options: OpenOptions): Promise<OpenedLm> {
  const found = lmSource(source, directory);
  const key = JSON.stringify([found, options.runtime]);
  const known = opened.get(key);
  if (known !== undefined) return known;
  const made = openSource(found, { ...options, shown: source });
  opened.set(key, made);
  made.catch(() => opened.delete(key));
  return made;
}

function openSource(source: ReturnType<typeof lmSource>, options: OpenOptions): Promise<OpenedLm> {
  switch (source.kind) {
    case 'folder':
      return openFolder(source.path, options);
    default:
      throw fail('P503', `models of this kind (${source.kind}) are not in this version.`);
  }
}

interface Origin {
  readonly decoder: Decoder;
  readonly prefix: Int32Array;
}

/** Where priors come from, for those who train several prompts of one model together. */
const origins = new WeakMap<LanguageModel, Origin>();

function policyOf(
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
  return decoderPolicy(
    { decoder: withAdapters(decoder, options.rank ?? 0), id, vocabulary, maxTokens, prefixes },
    options,
  );
}
