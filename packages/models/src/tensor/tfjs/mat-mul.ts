import type * as Tf from '@tensorflow/tfjs-core';
import type { Tfjs } from './kernels.ts';

/** Sizes of an elementwise operation's result. */
export function broadcastSizes(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    return x === 1 ? y : x;
  });
}

const product = (sizes: readonly number[]): number => sizes.reduce((p, d) => p * d, 1);
const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((x, i) => x === b[i]);

/**
 * a [… , m, k] times b [… , k, n], the axes before the last two broadcast. The kernels of TensorFlow.js go through the matrices of
 * both in step and start again where one has fewer: right only where the leading axes are equal, or one side has a single matrix.
 * Anything else is brought to that form here: where b is the same for the last leading axes of a, they become rows.
 */
export function multiplied(tf: Tfjs, a: Tf.Tensor, b: Tf.Tensor, transposeA: boolean, transposeB: boolean): Tf.Tensor {
  const leading = broadcastSizes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const ones = (x: Tf.Tensor): number[] => [
    ...new Array<number>(leading.length + 2 - x.rank).fill(1),
    ...x.shape.slice(0, -2),
  ];
  const [leadA, leadB] = [ones(a), ones(b)];
  const m = transposeA ? (a.shape.at(-1) as number) : (a.shape.at(-2) as number);
  const n = transposeB ? (b.shape.at(-2) as number) : (b.shape.at(-1) as number);
  const folded = transposeA ? leading.length : foldedFrom(leadA, leadB);
  const outer = leading.slice(0, folded);
  const rows = m * product(leadA.slice(folded));
  const left = matrices(
    tf,
    a,
    leadA.slice(0, folded),
    outer,
    transposeA ? a.shape.slice(-2) : [rows, a.shape.at(-1) as number],
  );
  const right = matrices(tf, b, leadB.slice(0, folded), outer, b.shape.slice(-2));
  return tf.reshape(tf.matMul(left, right, transposeA, transposeB), [...leading, m, n]);
}

/** The first leading axis from which on b has only ones, so that all of a there meets the same matrix. */
function foldedFrom(leadA: readonly number[], leadB: readonly number[]): number {
  let at = leadA.length;
  while (at > 0 && leadB[at - 1] === 1) at--;
  return at;
}

/** x as [count, …matrix]: one matrix, where x has only one, else as many as `outer` asks for. */
function matrices(
  tf: Tfjs,
  x: Tf.Tensor,
  lead: readonly number[],
  outer: readonly number[],
  matrix: readonly number[],
): Tf.Tensor3D {
  const whole = same(lead, outer) || product(lead) === 1;
  const full = whole ? x : tf.broadcastTo(tf.reshape(x, [...lead, ...matrix]), [...outer, ...matrix]);
  return tf.reshape(full, [whole ? product(lead) : product(outer), matrix[0], matrix[1]]);
}
