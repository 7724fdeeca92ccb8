import { fail } from '@postulate/graph';
import { type DecoderConfig } from '../../transformer/config.ts';
import { baseParameters } from '../../transformer/parameters.ts';
import { floatToHalf } from '../../weights/half.ts';
import type { GgufTensor } from './gguf-file.ts';

/** How an array gets to where llama.cpp reads it. */
type Change = 'none' | 'transpose' | 'rotary';

/** Names within a block, by the Hugging Face layout's; GPT-2 keeps its layers as [in, out], llama.cpp reads [out, in]. */
const GPT2_BLOCK: Readonly<Record<string, readonly [name: string, change: Change]>> = {
  ln_1: ['attn_norm', 'none'],
  'attn.c_attn': ['attn_qkv', 'transpose'],
  'attn.c_proj': ['attn_output', 'transpose'],
  ln_2: ['ffn_norm', 'none'],
  'mlp.c_fc': ['ffn_up', 'transpose'],
  'mlp.c_proj': ['ffn_down', 'transpose'],
};

const LLAMA_BLOCK: typeof GPT2_BLOCK = {
  input_layernorm: ['attn_norm', 'none'],
  'self_attn.q_proj': ['attn_q', 'rotary'],
  'self_attn.k_proj': ['attn_k', 'rotary'],
  'self_attn.v_proj': ['attn_v', 'none'],
  'self_attn.o_proj': ['attn_output', 'none'],
  post_attention_layernorm: ['ffn_norm', 'none'],
  'mlp.gate_proj': ['ffn_gate', 'none'],
  'mlp.up_proj': ['ffn_up', 'none'],
  'mlp.down_proj': ['ffn_down', 'none'],
};

const OUTSIDE: Readonly<Record<string, string>> = {
  'transformer.wte': 'token_embd',
  'transformer.wpe': 'position_embd',
  'transformer.ln_f': 'output_norm',
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
};

function renamed(name: string, { family }: DecoderConfig): readonly [name: string, change: Change] {
  const [, path, part] = /^(.*)\.(weight|bias)$/.exec(name) as unknown as readonly [string, string, string];
  const block = /^(?:transformer\.h|model\.layers)\.(\d+)\.(.*)$/.exec(path);
  if (block === null) return [`${OUTSIDE[path]}.${part}`, 'none'];
  const [inner, change] = (family === 'gpt2' ? GPT2_BLOCK : LLAMA_BLOCK)[block[2]];
  return [`blk.${block[1]}.${inner}.${part}`, part === 'bias' ? 'none' : change];
}

/** All arrays of a decoder as llama.cpp names and lays them out; vectors stay 32 bits wide whatever `type` is. */
export function ggufArrays(
  config: DecoderConfig,
  weights: ReadonlyMap<string, Float32Array>,
  type: GgufTensor['type'],
): readonly GgufTensor[] {
  return baseParameters(config).map(({ name, shape }) => {
    const values = weights.get(name) ?? weights.get(name.replace(/^transformer\./, ''));
    if (values === undefined || values.length !== shape.reduce((a, b) => a * b, 1)) {
      throw fail('P510', `the array "${name}" of ${shape.join(' x ')} numbers is missing or of another size.`);
    }
    const [to, change] = renamed(name, config);
    const laid = change === 'transpose' ? transposed(values, shape) : change === 'rotary' ? interleaved(values, shape, config) : values; // prettier-ignore
    const kept = shape.length === 1 ? 'f32' : type;
    return {
      name: to,
      shape: change === 'transpose' ? [...shape].reverse() : shape,
      type: kept,
      bytes: kept === 'f16' ? halves(laid) : floats(laid),
    };
  });
}

function transposed(values: Float32Array, [rows, columns]: readonly number[]): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c];
  return out;
}

/**
 * Rotary positions turn pairs of rows of a head: here rows i and i + h/2, in llama.cpp neighbours 2i and 2i + 1. Queries and keys are
 * reordered alike, so that their products stay the same.
 */
function interleaved(
  values: Float32Array,
  [rows, columns]: readonly number[],
  { headSize }: DecoderConfig,
): Float32Array {
  const out = new Float32Array(values.length);
  const half = headSize / 2;
  for (let r = 0; r < rows; r++) {
    const within = r % headSize;
    const to = r - within + (within < half ? 2 * within : 2 * (within - half) + 1);
    out.set(values.subarray(r * columns, (r + 1) * columns), to * columns);
  }
  return out;
}

function floats(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((x, i) => view.setFloat32(4 * i, x, true));
  return bytes;
}

function halves(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  values.forEach((x, i) => view.setUint16(2 * i, floatToHalf(x), true));
  return bytes;
}
