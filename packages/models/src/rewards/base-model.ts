import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { readModelFolder } from '../hub/index.ts';
import type { TensorRuntime } from '../tensor/index.ts';
import { decoderConfig } from '../transformer/config.ts';
import { Decoder } from '../transformer/decoder.ts';
import { parametersOf } from '../transformer/parameters.ts';
import type { Weights } from '../weights/index.ts';

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
  const end = begin ?? ends[0] ?? 0;
  const weights = new Map<string, Float32Array>();
  for (const { name } of parametersOf(config)) {
    weights.set(name, await folder.weights.read(storedName(folder.weights, name)));
  }
  return {
    id: folder.id,
    decoder: new Decoder(runtime, config, weights, end),
    encode: (text) => tokenizer.encode(text, { special: asIs }),
    start: asIs ? new Int32Array() : Int32Array.of(end),
  };
}

/** Files of the bare GPT-2 leave out the name of the part. */
function storedName({ tensors }: Weights, name: string): string {
  const bare = name.replace(/^transformer\./, '');
  return !tensors.has(name) && tensors.has(bare) ? bare : name;
}

/** Models that come with this package, by name. */
const SHIPPED: ReadonlySet<string> = new Set(['tiny-english']);

/** Where the model called `source` lies: one that ships, or a folder seen from `directory`. */
export function modelPath(source: string, directory: string): string {
  return SHIPPED.has(source)
    ? fileURLToPath(new URL(`../../shipped/${source}`, import.meta.url))
    : resolve(directory, source);
}

export const isShipped = (source: string): boolean => SHIPPED.has(source);
