import type { DecoderConfig } from '../../src/transformer/config.ts';
import { attention, logSoftmax, type Matrix, plus, rowsOf, times } from './reference-math.ts';

type Weights = ReadonlyMap<string, Float32Array>;

/** Conv1D: weights are [in, out]. */
function conv(x: Matrix, weights: Weights, name: string, out: number): Matrix {
  const w = weights.get(`${name}.weight`)!;
  const b = weights.get(`${name}.bias`)!;
  return times(x, out, (i, o) => w[i * out + o]).map((row) => row.map((v, o) => v + b[o]));
}

function layerNorm(x: Matrix, weights: Weights, name: string, epsilon: number): Matrix {
  const gain = weights.get(`${name}.weight`)!;
  const bias = weights.get(`${name}.bias`)!;
  return x.map((row) => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
    return row.map((v, i) => ((v - mean) / Math.sqrt(variance + epsilon)) * gain[i] + bias[i]);
  });
}

const gelu = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** log p of every next token after each of `ids`, in float64, written down without a thought for speed: T rows of V columns. */
export function referenceGpt2(c: DecoderConfig, weights: Weights, ids: readonly number[]): number[][] {
  const wte = rowsOf(weights.get('transformer.wte.weight')!, c.width);
  const wpe = rowsOf(weights.get('transformer.wpe.weight')!, c.width);
  let x: Matrix = ids.map((id, t) => wte[id].map((v, i) => v + wpe[t][i]));
  for (let n = 0; n < c.layers; n++) {
    const at = `transformer.h.${n}`;
    const qkv = conv(layerNorm(x, weights, `${at}.ln_1`, c.epsilon), weights, `${at}.attn.c_attn`, 3 * c.width);
    const part = (k: number) => qkv.map((row) => row.slice(k * c.width, (k + 1) * c.width));
    const heads = attention(part(0), part(1), part(2), c.heads, c.heads, c.headSize);
    x = plus(x, conv(heads, weights, `${at}.attn.c_proj`, c.width));
    const inner = conv(layerNorm(x, weights, `${at}.ln_2`, c.epsilon), weights, `${at}.mlp.c_fc`, c.hidden);
    x = plus(x, conv(inner.map((row) => row.map(gelu)), weights, `${at}.mlp.c_proj`, c.width)); // prettier-ignore
  }
  const out = layerNorm(x, weights, 'transformer.ln_f', c.epsilon);
  const head = c.tied ? weights.get('transformer.wte.weight')! : weights.get('lm_head.weight')!;
  return times(out, c.vocabulary, (i, v) => head[v * c.width + i]).map(logSoftmax);
}
