import type { Node } from './node.ts';
import {
  add,
  addAt,
  concat,
  log,
  matMul,
  mean,
  mul,
  neg,
  pick,
  reciprocal,
  scalar,
  sigmoid,
  slice,
  softmax,
  sqrt,
  sub,
  sum,
  tanh,
  withGradient,
} from './operations.ts';

/** ∂L/∂gain of an elementwise gain [D] over x [N, D]. */
function gainGradient(upstream: Node, normalised: Node): Node {
  return rowSum(mul(upstream, normalised));
}

/** Σ over the rows of x [N, D]: [1, D]. */
function rowSum(x: Node): Node {
  return sum(x, [0]);
}

/** g · x / √(mean x² + ε) over the last axis of x [N, D], gain g [1, D] (Zhang & Sennrich 2019). */
export function rmsNorm(x: Node, gain: Node, epsilon: number): Node {
  const inverse = reciprocal(sqrt(add(mean(mul(x, x)), scalar(epsilon))));
  const normalised = mul(x, inverse);
  return withGradient(mul(normalised, gain), [x, gain], (upstream) => {
    const d = mul(upstream, gain);
    const dx = mul(inverse, sub(d, mul(normalised, mean(mul(normalised, d)))));
    return [dx, gainGradient(upstream, normalised)];
  });
}

/** g · (x − mean x) / √(var x + ε) + b over the last axis of x [N, D], g and b [1, D] (Ba et al. 2016). */
export function layerNorm(x: Node, gain: Node, bias: Node, epsilon: number): Node {
  const centred = sub(x, mean(x));
  const inverse = reciprocal(sqrt(add(mean(mul(centred, centred)), scalar(epsilon))));
  const normalised = mul(centred, inverse);
  return withGradient(add(mul(normalised, gain), bias), [x, gain, bias], (upstream) => {
    const d = mul(upstream, gain);
    const level = add(mean(d), mul(normalised, mean(mul(normalised, d))));
    return [mul(inverse, sub(d, level)), gainGradient(upstream, normalised), rowSum(upstream)];
  });
}

/** x · σ(x). */
export function silu(x: Node): Node {
  const s = sigmoid(x);
  const y = mul(x, s);
  return withGradient(y, [x], (upstream) => [mul(upstream, add(s, mul(y, sub(scalar(1), s))))]);
}

/** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), GPT-2's approximation of x Φ(x) (Hendrycks & Gimpel 2016). */
export function geluTanh(x: Node): Node {
  const root = Math.sqrt(2 / Math.PI);
  const square = mul(x, x);
  const t = tanh(mul(x, add(scalar(root), mul(scalar(root * 0.044715), square))));
  const half = mul(scalar(0.5), add(scalar(1), t));
  return withGradient(mul(x, half), [x], (upstream) => {
    const slope = add(scalar(root), mul(scalar(3 * root * 0.044715), square));
    const inner = mul(mul(scalar(0.5), sub(scalar(1), mul(t, t))), slope);
    return [mul(upstream, add(half, mul(x, inner)))];
  });
}

/**
 * Rotary positions: pairs (xⱼ, xⱼ₊ₕ) of x [… , 2h] turned by an angle, its cosine and sine [… , 2h] with both halves equal
 * (Su et al. 2021, in the halves layout of Llama).
 */
export function rotary(x: Node, cosine: Node, sine: Node): Node {
  const turned = add(mul(x, cosine), mul(exchanged(x), sine));
  return withGradient(turned, [x], (upstream) => [sub(mul(upstream, cosine), mul(exchanged(upstream), sine))]);
}

/** (−second half, first half) of the last axis. */
function exchanged(x: Node): Node {
  const size = x.shape[x.shape.length - 1] as number;
  return concat([neg(slice(x, -1, size / 2, size)), slice(x, -1, 0, size / 2)], -1);
}

/** softmax(scores) · values with scores = queries keysᵀ · scale + mask: queries [… , t, d], keys and values [… , s, d]. */
export function attention(queries: Node, keys: Node, values: Node, scale: number, mask?: Node): Node {
  const scores = mul(matMul(queries, keys, { transposeB: true }), scalar(scale));
  return matMul(softmax(mask === undefined ? scores : add(scores, mask)), values);
}

/** log softmax(logits)[i, ids[i]] of logits [N, V] as [N, 1], nats. */
export function logProbOf(logits: Node, ids: Node): Node {
  const probabilities = softmax(logits);
  return withGradient(log(pick(probabilities, ids)), [logits], (upstream) => [
    addAt(mul(probabilities, neg(upstream)), ids, upstream),
  ]);
}
