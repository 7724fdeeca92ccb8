import type { DecoderConfig } from '../../transformer/config.ts';
import { attend, INPUTS, maskBias, split } from './attention.ts';
import type { GraphBuilder } from './graph-builder.ts';

/** Gives a weight as a constant of the graph; as [in, out] where `turned` says that it is kept as [out, in]. */
export type WeightOf = (name: string, turned?: boolean) => string;

/** √(2/π) and the cube's factor of GELU's usual approximation. */
const GELU = [Math.sqrt(2 / Math.PI), 0.044715] as const;

function activated(g: GraphBuilder, { activation }: DecoderConfig, x: string): string {
  if (activation === 'silu') return g.op('Mul', [x, g.op('Sigmoid', [x])]);
  const half = g.op('Mul', [x, g.scalar(0.5)]);
  const bent =
    activation === 'gelu'
      ? g.op('Erf', [g.op('Mul', [x, g.scalar(Math.SQRT1_2)])])
      : g.op('Tanh', [g.op('Mul', [tanhArgument(g, x), g.scalar(GELU[0])])]);
  return g.op('Mul', [half, g.op('Add', [bent, g.scalar(1)])]);
}

function tanhArgument(g: GraphBuilder, x: string): string {
  const cube = g.op('Mul', [g.op('Mul', [x, x]), x]);
  return g.op('Add', [x, g.op('Mul', [cube, g.scalar(GELU[1])])]);
}

/** What follows each place of a GPT-2, batch × places × vocabulary. */
export function gpt2Logits(g: GraphBuilder, c: DecoderConfig, w: WeightOf): string {
  const norm = (x: string, at: string): string =>
    g.op('LayerNormalization', [x, w(`${at}.weight`), w(`${at}.bias`)], { axis: -1, epsilon: { float: c.epsilon } });
  const layer = (x: string, at: string): string =>
    g.op('Add', [g.op('MatMul', [x, w(`${at}.weight`)]), w(`${at}.bias`)]);
  const bias = maskBias(g);
  const embedded = g.op('Gather', [w('transformer.wte.weight'), INPUTS.ids]);
  let x = g.op('Add', [embedded, g.op('Gather', [w('transformer.wpe.weight'), INPUTS.positions])]);
  for (let i = 0; i < c.layers; i++) {
    const at = `transformer.h.${i}`;
    const qkv = layer(norm(x, `${at}.ln_1`), `${at}.attn.c_attn`);
    const part = (k: number) => split(g, g.slice(qkv, k * c.width, (k + 1) * c.width, 2), c.heads, c.headSize);
    x = g.op('Add', [x, layer(attend(g, c, i, [part(0), part(1), part(2)], bias), `${at}.attn.c_proj`)]);
    const inner = activated(g, c, layer(norm(x, `${at}.ln_2`), `${at}.mlp.c_fc`));
    x = g.op('Add', [x, layer(inner, `${at}.mlp.c_proj`)]);
  }
  return g.op('MatMul', [norm(x, 'transformer.ln_f'), w(c.tied ? 'transformer.wte.weight' : 'lm_head.weight', true)]);
}

/** The same for a Llama. */
export function llamaLogits(g: GraphBuilder, c: DecoderConfig, w: WeightOf): string {
  const norm = (x: string, at: string): string => {
    const mean = g.op('ReduceMean', [g.op('Mul', [x, x]), g.wholes([-1])], { keepdims: 1 });
    const size = g.op('Sqrt', [g.op('Add', [mean, g.scalar(c.epsilon)])]);
    return g.op('Mul', [g.op('Div', [x, size]), w(`${at}.weight`)]);
  };
  const layer = (x: string, at: string): string => g.op('MatMul', [x, w(`${at}.weight`, true)]);
  const bias = maskBias(g);
  const turn = rotary(g, c);
  let x = g.op('Gather', [w('model.embed_tokens.weight'), INPUTS.ids]);
  for (let i = 0; i < c.layers; i++) {
    const at = `model.layers.${i}`;
    const normed = norm(x, `${at}.input_layernorm`);
    const part = (name: string, heads: number) => split(g, layer(normed, `${at}.self_attn.${name}`), heads, c.headSize);
    const q = turn(part('q_proj', c.heads));
    const k = turn(part('k_proj', c.keyHeads));
    const mixed = attend(g, c, i, [q, k, part('v_proj', c.keyHeads)], bias);
    x = g.op('Add', [x, layer(mixed, `${at}.self_attn.o_proj`)]);
    const fed = norm(x, `${at}.post_attention_layernorm`);
    const gate = activated(g, c, layer(fed, `${at}.mlp.gate_proj`));
    x = g.op('Add', [x, layer(g.op('Mul', [gate, layer(fed, `${at}.mlp.up_proj`)]), `${at}.mlp.down_proj`)]);
  }
  return g.op('MatMul', [norm(x, 'model.norm'), w(c.tied ? 'model.embed_tokens.weight' : 'lm_head.weight', true)]);
}

/** Rotary positions (Su et al. 2021), halves of a head turned together, read off tables. */
function rotary(g: GraphBuilder, { headSize, positions, rotaryBase }: DecoderConfig): (x: string) => string {
  const half = headSize / 2;
  const table = (name: string, f: (angle: number) => number): string => {
    const values = Float32Array.from({ length: positions * headSize }, (_, i) => {
      const within = (i % headSize) % half;
      return f(Math.floor(i / headSize) * rotaryBase ** (-(2 * within) / headSize));
    });
    const rows = g.op('Gather', [g.floats(name, values, [positions, headSize]), INPUTS.positions]);
    return g.unsqueeze(rows, [1]);
  };
  const [cosine, sine] = [table('_cosine', Math.cos), table('_sine', Math.sin)];
  return (x) => {
    const other = g.op('Concat', [g.op('Neg', [g.slice(x, half, headSize, 3)]), g.slice(x, 0, half, 3)], { axis: 3 });
    return g.op('Add', [g.op('Mul', [x, cosine]), g.op('Mul', [other, sine])]);
  };
}
