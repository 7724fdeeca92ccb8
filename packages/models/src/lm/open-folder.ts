import { isMainThread } from 'node:worker_threads';
import { fail } from '@postulate/graph';
import { readModelFolder } from '../hub/model-folder.ts';
import { chooseRuntime } from '../tensor/choose-runtime.ts';
import { causalDecoder } from '../transformer/causal-decoder.ts';
import { decoderConfig } from '../transformer/config.ts';
import { Decoder } from '../transformer/decoder.ts';
import { baseParameters } from '../transformer/parameters.ts';
import { readWeights } from '../transformer/read-weights.ts';
import type { OpenedLm } from './opened.ts';

export interface OpenOptions {
  /** Which runtime; the best that loads where it is left out. */
  readonly runtime?: string | undefined;
  /** Fetch nothing from the hub. */
  readonly offline?: boolean | undefined;
  /** How messages call the model. */
  readonly shown?: string;
  readonly onProgress?: ((message: string) => void) | undefined;
}

/** A model folder on one of our own tensor runtimes. Workers run side by side, one thread each. */
export async function openFolder(
  path: string,
  { runtime: name, shown = path, onProgress }: OpenOptions,
): Promise<OpenedLm> {
  const folder = await readModelFolder(path);
  const config = decoderConfig(folder.config, path);
  const { runtime } = await chooseRuntime({
    ...(name === undefined ? {} : { name }),
    ...(isMainThread ? {} : { threads: 1 }),
  });
  onProgress?.(`lm("${shown}") runs on ${runtime.description}`);
  const weights = await readWeights(folder.weights, baseParameters(config), path);
  const { tokenizer } = folder;
  const { ends } = tokenizer.special;
  if (ends.length === 0) {
    throw fail('P511', `the model folder "${path}" names no token that ends a text.`, {
      kind: 'outside',
      help: 'add eos_token_id to its config.json.',
    });
  }
  const never = [...tokenizer.neverGenerated].filter((token) => !ends.includes(token));
  const decoder = new Decoder(runtime, config, weights, { ends, never });
  return {
    network: causalDecoder(decoder, folder.id),
    decoder,
    vocabulary: tokenizer.vocabulary,
    end: ends[0],
    begin: beginning(tokenizer.special.begin, ends),
    encode: (text) => tokenizer.encode(text),
  };
}

/** What texts begin with: the model's own beginning, else the token that ends the text before. */
function beginning(begin: number | undefined, ends: readonly number[]): Int32Array {
  return Int32Array.of(begin ?? ends[0]);
}
