import type { Shape } from './shape.ts';

export type DataType = 'float32' | 'int32';
export type Elements = Float32Array | Int32Array;

export type Binary = 'add' | 'sub' | 'mul' | 'div';
export type Unary = 'neg' | 'exp' | 'log' | 'sqrt' | 'reciprocal' | 'tanh' | 'sigmoid' | 'erf';

/** What a node does with its inputs. Every runtime implements each of these, and nothing else. */
export type Operation =
  /** A value given when the program runs, or frozen when it is compiled. */
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly data: Elements }
  | { readonly kind: 'binary'; readonly name: Binary }
  | { readonly kind: 'unary'; readonly name: Unary }
  /** Over `axes`, which stay with size 1. */
  | { readonly kind: 'reduce'; readonly name: 'sum' | 'mean'; readonly axes: readonly number[] }
  /** Over the last axis. */
  | { readonly kind: 'softmax' }
  | { readonly kind: 'logSoftmax' }
  /** Of the last two axes, the ones before broadcast; `transposeA` reads `a` with its last two axes exchanged. */
  | { readonly kind: 'matMul'; readonly transposeA: boolean; readonly transposeB: boolean }
  | { readonly kind: 'reshape' }
  | { readonly kind: 'transpose'; readonly permutation: readonly number[] }
  /** Inputs `x, like`: x broadcast to the shape of `like`. */
  | { readonly kind: 'expandLike' }
  | { readonly kind: 'concat'; readonly axis: number }
  /** Negative places count from the end of the axis, `Infinity` is the end: axes may be open (`sliceBounds`). */
  | { readonly kind: 'slice'; readonly axis: number; readonly start: number; readonly end: number }
  /** Zeros before and after along one axis. */
  | { readonly kind: 'pad'; readonly axis: number; readonly before: number; readonly after: number }
  /** Inputs `table [V, …], ids int32`: rows of the table, shape of the ids then of a row. */
  | { readonly kind: 'gather' }
  /** Inputs `values [N, D], ids [N]`: a table [rows, D] of zeros to which each value's row is added. */
  | { readonly kind: 'scatterAdd'; readonly rows: number }
  /** Inputs `x [N, V], ids [N]`: one element a row, [N, 1]. */
  | { readonly kind: 'pick' }
  /** Inputs `x [N, V], ids [N], values [N, 1]`: x with a value added at one element a row. */
  | { readonly kind: 'addAt' };

/** A value of a tensor program: an operation over other nodes. Immutable; the same object is calculated once. */
export interface Node {
  readonly op: Operation;
  readonly inputs: readonly Node[];
  readonly shape: Shape;
  readonly type: DataType;
  /** Where the derivative is known in a better form than the chain rule over the parts gives: see `withGradient`. */
  readonly gradient?: CustomGradient;
}

export interface CustomGradient {
  /** The nodes with respect to which `pullback` answers. */
  readonly of: readonly Node[];
  /** Given ∂L/∂node, the ∂L/∂of[i]. */
  readonly pullback: (upstream: Node) => readonly Node[];
}
