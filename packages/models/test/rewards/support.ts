import * as ort from 'onnxruntime-node';
import { seededChooser } from '../../../inference/src/chooser/index.ts';
import { ortRuntime } from '../../src/tensor/ort/runtime.ts';
import { initialise } from '../../src/training/initialise.ts';
import { decoderConfig } from '../../src/transformer/config.ts';
import { Decoder } from '../../src/transformer/decoder.ts';
import { parametersOf } from '../../src/transformer/parameters.ts';

export const runtime = ortRuntime(ort, 'onnxruntime-node', { threads: 1 });

export const LLAMA = {
  model_type: 'llama',
  vocab_size: 13,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  intermediate_size: 24,
  max_position_embeddings: 32,
  tie_word_embeddings: false,
};

export const GPT2 = { model_type: 'gpt2', vocab_size: 13, n_embd: 16, n_layer: 2, n_head: 4, n_positions: 32 };

/** A decoder with large random weights, so that different texts have states that differ. */
export function toyDecoder(json: Readonly<Record<string, unknown>> = LLAMA, spread = 0.4): Decoder {
  const config = decoderConfig(json, 'test');
  const weights = initialise(
    parametersOf(config).map((p) => ({ ...p, initial: typeof p.initial === 'number' ? spread : p.initial })),
    seededChooser('weights'),
  );
  return new Decoder(runtime, config, weights, 0);
}

/** Texts of 1 to `most` tokens among those from `from` on. */
export function toyTexts(count: number, seed: string, most = 7, from = 1, size = 13): readonly Int32Array[] {
  const uniform = seededChooser(seed).uniform as () => number;
  return Array.from({ length: count }, () =>
    Int32Array.from({ length: 1 + Math.floor(uniform() * most) }, () => from + Math.floor(uniform() * (size - from))),
  );
}

/** Numbers that look standard normal. */
export function normals(count: number, seed: string): Float64Array {
  const uniform = seededChooser(seed).uniform as () => number;
  return Float64Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}
