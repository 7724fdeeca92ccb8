import { fail } from '@postulate/graph';
import type { TokenizerJson } from '../../tokenizer/index.ts';
import type { DecoderConfig } from '../../transformer/config.ts';
import { ggufArrays } from './gguf-arrays.ts';
import { float32, ggufFile, type GgufTensor, type GgufValue, string, uint32 } from './gguf-file.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';

export interface GgufModel {
  readonly name: string;
  readonly config: DecoderConfig;
  /** By their names in the Hugging Face layout. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly tokenizer: TokenizerJson;
  /** The token that begins and ends texts. */
  readonly end: number;
}

const FILE_TYPE = { f32: 0, f16: 1 } as const;

function sizes({ family, ...c }: DecoderConfig): Readonly<Record<string, GgufValue>> {
  const common = {
    context_length: uint32(c.positions),
    embedding_length: uint32(c.width),
    block_count: uint32(c.layers),
    feed_forward_length: uint32(c.hidden),
    'attention.head_count': uint32(c.heads),
  };
  const own =
    family === 'gpt2'
      ? { 'attention.layer_norm_epsilon': float32(c.epsilon) }
      : {
          'attention.head_count_kv': uint32(c.keyHeads),
          'attention.key_length': uint32(c.headSize),
          'attention.value_length': uint32(c.headSize),
          'attention.layer_norm_rms_epsilon': float32(c.epsilon),
          'rope.dimension_count': uint32(c.headSize),
          'rope.freq_base': float32(c.rotaryBase),
          vocab_size: uint32(c.vocabulary),
        };
  return Object.fromEntries(Object.entries({ ...common, ...own }).map(([key, value]) => [`${family}.${key}`, value]));
}

/**
 * A decoder of the GPT-2 or Llama family as a GGUF file that llama.cpp runs. Errors: P510 for missing weights, P512 and P520 for a
 * tokenizer or an activation that it cannot hold.
 */
export function encodeGguf(model: GgufModel, type: GgufTensor['type'] = 'f32'): Uint8Array {
  const { config } = model;
  const only = config.family === 'gpt2' ? 'geluTanh' : 'silu';
  if (config.activation !== only)
    throw fail('P520', `llama.cpp runs this family with ${only} only, not ${config.activation}.`);
  const metadata = {
    'general.architecture': string(config.family),
    'general.name': string(model.name),
    'general.file_type': uint32(FILE_TYPE[type]),
    ...sizes(config),
    ...ggufTokenizer(model.tokenizer, config.vocabulary, model.end),
  };
  return ggufFile(metadata, ggufArrays(config, model.weights, type));
}
