import {
  add,
  constant,
  type Dimension,
  input,
  matMul,
  mul,
  type Node,
  reshape,
  rotary,
  scalar,
  softmax,
  times,
  transpose,
} from '../tensor/index.ts';
import type { DecoderConfig } from './config.ts';
import { type Attend, hiddenStates, rotaryTables, type Weights } from './layers.ts';

/** Sizes of a batch of whole sequences: `batch` rows of `length` tokens each. */
export interface WholeBatch {
  readonly batch: Dimension;
  readonly length: number;
}

/** A number far below any score, yet finite: exp of it is 0, and a row of nothing but these is no NaN. */
const NEVER = -1e9;

/** Every position sees itself and what came before: [length, length], added to scores. */
export function causalMask(length: number): Node {
  const data = new Float32Array(length * length);
  for (let i = 0; i < length; i++) data.fill(NEVER, i * length + i + 1, (i + 1) * length);
  return constant(data, [length, length]);
}

/**
 * Hidden states [batch·length, width] of whole sequences given as `ids` [batch·length], row after row. `mask` [batch, 1, 1, length,
 * length] is added to the causal one: texts packed into one row need not see each other.
 */
export function wholeStates(c: DecoderConfig, w: Weights, ids: Node, { batch, length }: WholeBatch, mask?: Node): Node {
  const rows = times(batch, length);
  const shared = c.heads / c.keyHeads;
  const angles = c.family === 'llama' ? rotaryTables(c, length) : undefined;
  const causal = causalMask(length);
  const seen = mask === undefined ? causal : add(mask, causal);
  const split = (x: Node, groups: number): Node =>
    transpose(reshape(x, [batch, length, c.keyHeads, groups, c.headSize]), [0, 2, 3, 1, 4]);
  const turned = (x: Node): Node => (angles === undefined ? x : rotary(x, angles.cosine, angles.sine));
  const attend: Attend = (_, queries, keys, values) => {
    const q = turned(split(queries, shared));
    const k = turned(split(keys, 1));
    const scores = mul(matMul(q, k, { transposeB: true }), scalar(1 / Math.sqrt(c.headSize)));
    const mixed = matMul(softmax(add(scores, seen)), split(values, 1));
    return reshape(transpose(mixed, [0, 3, 1, 2, 4]), [rows, c.heads * c.headSize]);
  };
  return hiddenStates(c, w, ids, { ids: input('positions', [rows], 'int32') }, attend);
}
