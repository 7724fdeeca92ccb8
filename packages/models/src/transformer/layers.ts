import {
  add,
  constant,
  div,
  erf,
  gather,
  geluTanh,
  layerNorm,
  matMul,
  mul,
  type Node,
  reshape,
  rmsNorm,
  scalar,
  silu,
  slice,
} from '../tensor/index.ts';
import type { DecoderConfig } from './config.ts';
import { rotaryFrequency } from './rotary-frequency.ts';
import { adapterName, isTarget } from './parameters.ts';

/** The node of a parameter, by its name. */
export type Weights = (name: string) => Node;

/** Queries [N, heads·size], keys and values [N, keyHeads·size] of one layer, to what they attend to: [N, heads·size]. */
export type Attend = (layer: number, queries: Node, keys: Node, values: Node) => Node;

/** Where the rows of a batch stand: learned positions are looked up, rotary ones turn queries and keys. */
export interface Positions {
  /** int32; one a row, or one for all rows. */
  readonly ids: Node;
}

/**
 * Token ids [N], or what stands for their embeddings [N, width], to the last hidden states [N, width]: the part of a decoder that does not
 * know how attention gets its past.
 */
export function hiddenStates(config: DecoderConfig, weights: Weights, ids: Node, at: Positions, attend: Attend): Node {
  return config.family === 'gpt2'
    ? gpt2States(config, weights, ids, at, attend)
    : llamaStates(config, weights, ids, attend);
}

/** Hidden states [N, width] to logits [N, vocabulary]. */
export function logitsOf(config: DecoderConfig, weights: Weights, hidden: Node): Node {
  return matMul(hidden, weights(config.tied ? embeddingName(config) : 'lm_head.weight'), { transposeB: true });
}

export function embeddingName({ family }: DecoderConfig): string {
  return family === 'gpt2' ? 'transformer.wte.weight' : 'model.embed_tokens.weight';
}

/** Rows of the embedding, where ids are given. */
function embedded(config: DecoderConfig, weights: Weights, tokens: Node): Node {
  return tokens.type === 'int32' ? gather(weights(embeddingName(config)), tokens) : tokens;
}

/** `y` of the layer `name` with input x, and what its adapter adds where it has one. */
function adapted({ lora }: DecoderConfig, w: Weights, name: string, x: Node, y: Node): Node {
  if (lora === undefined || !isTarget(lora, name)) return y;
  const low = matMul(x, w(adapterName(name, 'A')), { transposeB: true });
  const change = matMul(low, w(adapterName(name, 'B')), { transposeB: true });
  return add(y, mul(change, scalar(lora.alpha / lora.rank)));
}

function row(x: Node): Node {
  return reshape(x, [1, x.shape[0]]);
}

function activate(config: DecoderConfig, x: Node): Node {
  switch (config.activation) {
    case 'silu':
      return silu(x);
    case 'geluTanh':
      return geluTanh(x);
    case 'gelu':
      return mul(mul(scalar(0.5), x), add(scalar(1), erf(div(x, scalar(Math.SQRT2)))));
  }
}

function gpt2States(c: DecoderConfig, w: Weights, ids: Node, at: Positions, attend: Attend): Node {
  const norm = (x: Node, name: string): Node =>
    layerNorm(x, row(w(`${name}.weight`)), row(w(`${name}.bias`)), c.epsilon);
  const linear = (x: Node, name: string): Node =>
    adapted(c, w, name, x, add(matMul(x, w(`${name}.weight`)), row(w(`${name}.bias`))));
  let x = add(embedded(c, w, ids), gather(w('transformer.wpe.weight'), at.ids));
  for (let i = 0; i < c.layers; i++) {
    const block = `transformer.h.${i}`;
    const mixed = linear(norm(x, `${block}.ln_1`), `${block}.attn.c_attn`);
    const part = (k: number): Node => slice(mixed, 1, k * c.width, (k + 1) * c.width);
    x = add(x, linear(attend(i, part(0), part(1), part(2)), `${block}.attn.c_proj`));
    const inner = activate(c, linear(norm(x, `${block}.ln_2`), `${block}.mlp.c_fc`));
    x = add(x, linear(inner, `${block}.mlp.c_proj`));
  }
  return norm(x, 'transformer.ln_f');
}

function llamaStates(c: DecoderConfig, w: Weights, ids: Node, attend: Attend): Node {
  const norm = (x: Node, name: string): Node => rmsNorm(x, row(w(`${name}.weight`)), c.epsilon);
  const linear = (x: Node, name: string): Node =>
    adapted(c, w, name, x, matMul(x, w(`${name}.weight`), { transposeB: true }));
  let x = embedded(c, w, ids);
  for (let i = 0; i < c.layers; i++) {
    const block = `model.layers.${i}`;
    const before = norm(x, `${block}.input_layernorm`);
    const [q, k, v] = ['q', 'k', 'v'].map((name) => linear(before, `${block}.self_attn.${name}_proj`));
    x = add(x, linear(attend(i, q, k, v), `${block}.self_attn.o_proj`));
    const between = norm(x, `${block}.post_attention_layernorm`);
    const gate = activate(c, linear(between, `${block}.mlp.gate_proj`));
    x = add(x, linear(mul(gate, linear(between, `${block}.mlp.up_proj`)), `${block}.mlp.down_proj`));
  }
  return norm(x, 'model.norm');
}

/** cos and sin of the rotary angles, t times the frequency of each pair, [positions, size], both halves equal. */
export function rotaryTables(c: DecoderConfig, positions: number): { readonly cosine: Node; readonly sine: Node } {
  const half = c.headSize / 2;
  const of = (f: (angle: number) => number): Node => {
    const data = new Float32Array(positions * c.headSize);
    for (let t = 0; t < positions; t++) {
      for (let j = 0; j < c.headSize; j++) {
        data[t * c.headSize + j] = f(t * rotaryFrequency(c, j % half));
      }
    }
    return constant(data, [positions, c.headSize]);
  };
  return { cosine: of(Math.cos), sine: of(Math.sin) };
}
