import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fail } from '@postulate/graph';
import type { LlamaModel, Token } from 'node-llama-cpp';
import { neuralModel, NEURAL_ROWS } from '../../neural/index.ts';
import type { LanguageModel } from '../../port/index.ts';
import { contentId } from '../../priors/content-id.ts';
import type { Shaping } from '../../priors/shaping.ts';
import { ggufMetadata } from './gguf-header.ts';
import { ggufVocabulary } from './gguf-vocabulary.ts';
import { llama, llamaLibrary, type LlamaLibrary } from './library.ts';
import { llamaNetwork } from './llama-network.ts';

export interface GgufOptions {
  readonly maxTokens: number;
  readonly prompt?: string | undefined;
  readonly shaping?: Shaping;
  /** Default: 1 below 256 MiB of weights, where threads wait for each other longer than they work; else all processors. */
  readonly threads?: number | undefined;
  /** Sequences that are kept at a time; default 64. */
  readonly sequences?: number | undefined;
  /** False keeps the model off the GPU. Default: used where there is one. */
  readonly gpu?: boolean | undefined;
}

const SMALL_MODEL = 256 * 2 ** 20;

/**
 * A `.gguf` file as a prior, run by llama.cpp. Keys and values are kept in 32 bits: in 16 the laws of one text would differ with the way
 * it was read. llama.cpp looks GPT-2's activation up in a table of 16-bit numbers, which makes differences of rounding visible: their
 * laws are good to about 1e-3 and not to 1e-5. Errors: P500 where there is no such file, P510 where it is damaged, P532
 * where node-llama-cpp is missing, P520 where it cannot read the file.
 */
export async function ggufPrior(path: string, options: GgufOptions): Promise<LanguageModel> {
  const metadata = await ggufMetadata(path);
  const { size: bytes, mtimeMs } = await stat(path);
  const library = await llamaLibrary();
  const model = await loaded(library, path, options.gpu ?? true);
  const { vocabulary, ends, never } = ggufVocabulary(metadata, path);
  const prefix = prefixOf(model, ends[0], options.prompt ?? '');
  const { maxTokens, shaping = {}, sequences = NEURAL_ROWS } = options;
  const longest = model.trainContextSize;
  const context = await model.createContext({
    contextSize: Math.min(longest, prefix.length + maxTokens),
    sequences,
    batchSize: Math.max(512, sequences),
    threads: options.threads ?? (bytes < SMALL_MODEL ? 1 : availableParallelism()),
    flashAttention: false,
    experimentalKvCacheKeyType: 'F32',
    experimentalKvCacheValueType: 'F32',
  });
  const columns = { size: vocabulary.size, ends, never };
  const network = llamaNetwork(context, columns, contentId('gguf', path, bytes, mtimeMs));
  const bounded = { ...network, positions: Math.min(network.positions, longest) };
  return neuralModel(bounded, { vocabulary, maxTokens, prefix, shaping, rows: Math.min(sequences, NEURAL_ROWS) });
}

const models = new Map<string, Promise<LlamaModel>>();

/** Weights are read once, whatever priors are made of them. */
function loaded(library: LlamaLibrary, path: string, gpu: boolean): Promise<LlamaModel> {
  const key = `${path} ${gpu}`;
  const known = models.get(key);
  if (known !== undefined) return known;
  const made = llama(library)
    .then((l) => l.loadModel({ modelPath: path, ...(gpu ? {} : { gpuLayers: 0 }) }))
    .catch((cause: unknown) => {
      models.delete(key);
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw fail('P520', `${path}: llama.cpp cannot load it: ${reason}`, { kind: 'outside', cause });
    });
  models.set(key, made);
  return made;
}

/** What a text begins with, as the file has it, then the prompt; where there is neither, the end of another text. */
function prefixOf(model: LlamaModel, end: number, prompt: string): Int32Array {
  const begin = model.tokens.shouldPrependBosToken && model.tokens.bos !== null ? [model.tokens.bos] : [];
  const read: readonly Token[] = [...begin, ...(prompt === '' ? [] : model.tokenize(prompt, false))];
  return Int32Array.from(read.length > 0 ? read : [end]);
}
