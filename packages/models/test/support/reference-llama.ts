import type { DecoderConfig } from '../../src/transformer/config.ts';
import { attention, logSoftmax, type Matrix, plus, rowsOf, times } from './reference-math.ts';

type Weights = ReadonlyMap<string, Float32Array>;

/** Weights are [out, in]. */
function linear(x: Matrix, weights: Weights, name: string): Matrix {
  const w = weights.get(`${name}.weight`)!;
  const into = x[0].length;
  return times(x, w.length / into, (i, o) => w[o * into + i]);
}

function rmsNorm(x: Matrix, weights: Weights, name: string, epsilon: number): Matrix {
  const gain = weights.get(`${name}.weight`)!;
  return x.map((row) => {
    const size = Math.sqrt(row.reduce((a, b) => a + b * b, 0) / row.length + epsilon);
    return row.map((v, i) => (v / size) * gain[i]);
  });
}

/** Rotary positions, halves of a head turned together. */
function rotated(x: Matrix, headSize: number, base: number): Matrix {
  const half = headSize / 2;
  return x.map((row, t) =>
    row.map((v, i) => {
      const within = i % headSize;
      const angle = t * base ** (-(2 * (within % half)) / headSize);
      const other = within < half ? -row[i + half] : row[i - half];
      return v * Math.cos(angle) + other * Math.sin(angle);
    }),
  );
}

const silu = (x: number): number => x / (1 + Math.exp(-x));

/** log p of every next token after each of `ids`, in float64: T rows of V columns. */
export function referenceLlama(c: DecoderConfig, weights: Weights, ids: readonly number[]): number[][] {
  const embedding = rowsOf(weights.get('model.embed_tokens.weight')!, c.width);
  let x: Matrix = ids.map((id) => embedding[id]);
  for (let n = 0; n < c.layers; n++) {
    const at = `model.layers.${n}`;
    const normed = rmsNorm(x, weights, `${at}.input_layernorm`, c.epsilon);
    const turned = (name: string) =>
      rotated(linear(normed, weights, `${at}.self_attn.${name}`), c.headSize, c.rotaryBase);
    const values = linear(normed, weights, `${at}.self_attn.v_proj`);
    const heads = attention(turned('q_proj'), turned('k_proj'), values, c.heads, c.keyHeads, c.headSize);
    x = plus(x, linear(heads, weights, `${at}.self_attn.o_proj`));
    const fed = rmsNorm(x, weights, `${at}.post_attention_layernorm`, c.epsilon);
    const gate = linear(fed, weights, `${at}.mlp.gate_proj`);
    const up = linear(fed, weights, `${at}.mlp.up_proj`);
    const inner = gate.map((row, t) => row.map((v, i) => silu(v) * up[t][i]));
    x = plus(x, linear(inner, weights, `${at}.mlp.down_proj`));
  }
  const head = c.tied ? weights.get('model.embed_tokens.weight')! : weights.get('lm_head.weight')!;
  const out = rmsNorm(x, weights, 'model.norm', c.epsilon);
  return times(out, c.vocabulary, (i, v) => head[v * c.width + i]).map(logSoftmax);
}
