import { fail } from '@postulate/graph';
import { readModelFolder } from '../hub/index.ts';
import { BUNDLED_MODELS } from '../hub/index.ts';
import { lmSource } from '../lm/source.ts';
import type { TensorRuntime } from '../tensor/index.ts';
import { decoderConfig } from '../transformer/config.ts';
import { Decoder } from '../transformer/decoder.ts';
import { parametersOf } from '../transformer/parameters.ts';
import { readWeights } from '../transformer/read-weights.ts';

/** A decoder whose hidden states heads read, and its tokenizer. */
export interface BaseModel {
  /** Of its content: heads belong to one. */
  readonly id: string;
  readonly decoder: Decoder;
  /** The tokens of a text, without what a text begins with. */
  encode(text: string): Int32Array;
  /** What every text begins with. */
  readonly start: Int32Array;
}

/**
 * Opens a model folder of the GPT-2 or Llama family. `asIs` has texts begin as the tokenizer says, as classifiers in the Hugging Face layout
 * expect; else they begin with the token that ends texts, or with the model's own first token. Errors as `readModelFolder`, P520.
 */
export async function openBase(path: string, runtime: TensorRuntime, asIs = false): Promise<BaseModel> {
  const folder = await readModelFolder(path);
  // Heads read states: an output layer of its own is not needed, and classifiers have none.
  const config = { ...decoderConfig(folder.config, `"${path}"`), tied: true };
  const { tokenizer } = folder;
  const { begin, ends } = tokenizer.special;
  const start = begin ?? ends[0] ?? 0;
  const weights = await readWeights(folder.weights, parametersOf(config), path);
  return {
    id: folder.id,
    decoder: new Decoder(runtime, config, weights, { ends: ends.length > 0 ? ends : [start], never: [] }),
    encode: (text) => tokenizer.encode(text, { special: asIs }),
    start: asIs ? new Int32Array() : Int32Array.of(start),
  };
}

/** Where the model called `source` lies: one that ships, or a folder seen from `directory`. P503 for models that are no folders. */
export function modelPath(source: string, directory: string): string {
  const found = lmSource(source, directory);
  if (found.kind === 'folder') return found.path;
  throw fail('P503', `heads read the hidden states of model folders, and "${source}" is none.`, {
    help: 'name a folder in the Hugging Face layout, or tiny-english.',
  });
}

export const isShipped = (source: string): boolean => BUNDLED_MODELS.includes(source);
