import { fail } from '@postulate/graph';
import { neuralModel } from '../neural/index.ts';
import type { LanguageModel, StoredModel, Vocabulary } from '../port/index.ts';
import { contentId } from '../priors/content-id.ts';
import type { TensorRuntime } from '../tensor/index.ts';
import { causalDecoder } from '../transformer/causal-decoder.ts';
import type { DecoderConfig } from '../transformer/config.ts';
import { Decoder } from '../transformer/decoder.ts';
import { parametersOf } from '../transformer/parameters.ts';
import type { TextTokens } from '../transformer/programs.ts';

export const STORED_DECODER = 'decoder';

interface DecoderMeta {
  readonly config: DecoderConfig;
  readonly special: TextTokens;
  readonly tokens: readonly string[];
  readonly separator: string;
  readonly maxTokens: number;
  readonly prefixes: readonly (readonly number[])[];
  readonly bytes: boolean;
}

/** A transformer that was trained, as `fitted` reads it back: its weights as little-endian f32. */
export function storedDecoder(
  { config, tokens: special, weights }: Decoder,
  parts: { readonly vocabulary: Vocabulary; readonly maxTokens: number; readonly prefixes: readonly Int32Array[] },
): StoredModel {
  const { vocabulary, maxTokens, prefixes } = parts;
  const arrays: Record<string, Int32Array | Uint8Array> = {};
  for (const { name } of parametersOf(config)) {
    const data = (weights.get(name) as Float32Array).slice();
    arrays[name] = new Uint8Array(data.buffer);
  }
  const { bytes } = vocabulary;
  if (bytes !== undefined) {
    const ends = Int32Array.from(bytes, (b) => b.length);
    for (let i = 1; i < ends.length; i++) ends[i] += ends[i - 1];
    arrays['token bytes'] = Uint8Array.from(bytes.flatMap((b) => [...b]));
    arrays['token ends'] = ends;
  }
  const meta: DecoderMeta = {
    config,
    special,
    tokens: vocabulary.tokens,
    separator: vocabulary.separator,
    maxTokens,
    prefixes: prefixes.map((p) => [...p]),
    bytes: bytes !== undefined,
  };
  return { kind: STORED_DECODER, meta: { ...meta }, arrays };
}

/** The law that a stored transformer is under the prefix numbered `of`. */
export async function readStoredDecoder(
  { meta, arrays }: StoredModel,
  runtime: TensorRuntime,
  of = 0,
): Promise<LanguageModel> {
  const { config, special, tokens, separator, maxTokens, prefixes, bytes } = meta as unknown as DecoderMeta;
  const prefix = prefixes[of];
  if (prefix === undefined) throw fail('P503', 'the run folder has no such context');
  const weights = new Map(
    parametersOf(config).map(({ name }) => [name, new Float32Array((arrays[name] as Uint8Array).slice().buffer)]),
  );
  const vocabulary: Vocabulary = {
    size: tokens.length,
    tokens,
    separator,
    ...(bytes ? { bytes: tokenBytes(arrays['token bytes'] as Uint8Array, arrays['token ends'] as Int32Array) } : {}),
  };
  const id = contentId('decoder', JSON.stringify(meta), [...weights.values()].map(digest).join());
  const network = causalDecoder(new Decoder(runtime, config, weights, special), id);
  return neuralModel(network, { vocabulary, maxTokens, prefix: Int32Array.from(prefix) });
}

function tokenBytes(all: Uint8Array, ends: Int32Array): readonly Uint8Array[] {
  return Array.from(ends, (end, i) => all.subarray(i === 0 ? 0 : ends[i - 1], end));
}

function digest(data: Float32Array): string {
  return contentId('weights', Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'));
}
