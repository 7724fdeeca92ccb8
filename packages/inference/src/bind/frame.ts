import type { ModelGraph, NodeId } from '@postulate/graph';
import type { Maybe } from './maybe.ts';

export type Values = Maybe<Float64Array>;

/**
 * The nodes of a graph evaluated on one batch of texts, each at most once. Values are one number a text; events are
 * 0 or 1. `if` asks for parts of a frame, so that only the branch taken is evaluated.
 */
export interface Frame {
  readonly graph: ModelGraph;
  readonly size: number;
  /** Values of a score or event. */
  value(id: NodeId): Values;
  /** Logarithms of a non-negative score, computed in logs as far as its form allows. */
  log(id: NodeId): Values;
  /** The values of a node that were already asked for. */
  known(id: NodeId): Values | undefined;
  /** Values of a node that is not made of others: a feature, a test, an extern, a log density. */
  leaf(id: NodeId): Values;
  /** True where the file alone shows that the score is at least 0. */
  nonNegative(id: NodeId): boolean;
  /** The frame of some of the texts, by their indices here. */
  part(rows: Int32Array): Frame;
}

export function map(values: Float64Array, f: (x: number) => number): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = f(values[i]);
  return out;
}

export function zip(a: Float64Array, b: Float64Array, f: (x: number, y: number) => number): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < out.length; i++) out[i] = f(a[i], b[i]);
  return out;
}
