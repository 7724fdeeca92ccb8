import type { Binary, DataType, Elements, Node, Operation, Unary } from './node.ts';
import { broadcast, type Dimension, type Shape, ShapeError, showShape } from './shape.ts';

/** A value given when the program runs. */
export function input(name: string, shape: Shape, type: DataType = 'float32'): Node {
  return { op: { kind: 'input', name }, inputs: [], shape, type };
}

export function constant(data: Elements, shape: readonly number[]): Node {
  return {
    op: { kind: 'constant', data },
    inputs: [],
    shape,
    type: data instanceof Float32Array ? 'float32' : 'int32',
  };
}

export function scalar(value: number): Node {
  return constant(Float32Array.of(value), []);
}

function node(op: Operation, inputs: readonly Node[], shape: Shape, type: DataType = 'float32'): Node {
  return { op, inputs, shape, type };
}

function binary(name: Binary, a: Node, b: Node): Node {
  return node({ kind: 'binary', name }, [a, b], broadcast(a.shape, b.shape));
}

export const add = (a: Node, b: Node): Node => binary('add', a, b);
export const sub = (a: Node, b: Node): Node => binary('sub', a, b);
export const mul = (a: Node, b: Node): Node => binary('mul', a, b);
export const div = (a: Node, b: Node): Node => binary('div', a, b);

function unary(name: Unary, x: Node): Node {
  return node({ kind: 'unary', name }, [x], x.shape);
}

export const neg = (x: Node): Node => unary('neg', x);
export const exp = (x: Node): Node => unary('exp', x);
export const log = (x: Node): Node => unary('log', x);
export const sqrt = (x: Node): Node => unary('sqrt', x);
export const reciprocal = (x: Node): Node => unary('reciprocal', x);
export const tanh = (x: Node): Node => unary('tanh', x);
export const sigmoid = (x: Node): Node => unary('sigmoid', x);
export const erf = (x: Node): Node => unary('erf', x);

/** Negative axes count from the end. */
function axisOf(x: Node, axis: number): number {
  const at = axis < 0 ? axis + x.shape.length : axis;
  if (at < 0 || at >= x.shape.length) throw new ShapeError(`${showShape(x.shape)} has no axis ${axis}`);
  return at;
}

function reduce(name: 'sum' | 'mean', x: Node, axes: readonly number[]): Node {
  const over = axes.map((axis) => axisOf(x, axis));
  const shape = x.shape.map((d, i) => (over.includes(i) ? 1 : d));
  return node({ kind: 'reduce', name, axes: over }, [x], shape);
}

/** Over `axes`, which stay with size 1. */
export const sum = (x: Node, axes: readonly number[] = [-1]): Node => reduce('sum', x, axes);
export const mean = (x: Node, axes: readonly number[] = [-1]): Node => reduce('mean', x, axes);

/** exp(x) / Σ exp(x) over the last axis. */
export const softmax = (x: Node): Node => node({ kind: 'softmax' }, [x], x.shape);
/** x − log Σ exp(x) over the last axis, nats. */
export const logSoftmax = (x: Node): Node => node({ kind: 'logSoftmax' }, [x], x.shape);

export interface Transposed {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** a [… , m, k] times b [… , k, n]; the axes before the last two broadcast. */
export function matMul(a: Node, b: Node, { transposeA = false, transposeB = false }: Transposed = {}): Node {
  const [m, k] = matrixOf(a, transposeA);
  const [l, n] = matrixOf(b, transposeB);
  if (k !== l) throw new ShapeError(`cannot multiply ${showShape(a.shape)} and ${showShape(b.shape)}`);
  const leading = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return node({ kind: 'matMul', transposeA, transposeB }, [a, b], [...leading, m, n]);
}

function matrixOf(x: Node, transposed: boolean): readonly [Dimension, Dimension] {
  if (x.shape.length < 2) throw new ShapeError(`${showShape(x.shape)} is not a matrix`);
  const [rows, columns] = x.shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** The same elements in another shape, of which at most one size may be a name. */
export function reshape(x: Node, shape: Shape): Node {
  if (shape.filter((d) => typeof d === 'string').length > 1) {
    throw new ShapeError(`a reshape to ${showShape(shape)} leaves more than one size open`);
  }
  const known = (s: Shape): number => s.reduce<number>((p, d) => (typeof d === 'number' ? p * d : p), 1);
  const open = [...x.shape, ...shape].some((d) => typeof d === 'string');
  if (!open && known(x.shape) !== known(shape)) {
    throw new ShapeError(`cannot reshape ${showShape(x.shape)} to ${showShape(shape)}`);
  }
  return node({ kind: 'reshape' }, [x], shape, x.type);
}

export function transpose(x: Node, permutation: readonly number[]): Node {
  if (permutation.length !== x.shape.length) throw new ShapeError(`bad permutation of ${showShape(x.shape)}`);
  return node(
    { kind: 'transpose', permutation },
    [x],
    permutation.map((axis) => x.shape[axis]),
    x.type,
  );
}

export function expandLike(x: Node, like: Node): Node {
  return node({ kind: 'expandLike' }, [x, like], broadcast(x.shape, like.shape));
}

export function concat(parts: readonly Node[], axis: number, size?: Dimension): Node {
  const at = axisOf(parts[0], axis);
  const sizes = parts.map((p) => p.shape[at]);
  const total = sizes.every((s) => typeof s === 'number') ? sizes.reduce((a, b) => a + b, 0) : size;
  if (total === undefined) throw new ShapeError('a concatenation along an open axis needs a name for the result');
  return node({ kind: 'concat', axis: at }, parts, parts[0].shape.with(at, total), parts[0].type);
}

/**
 * Elements `start` to `end` (excluded) along one axis; negative ones count from its end, and `Infinity` is the end. Along an open axis a
 * slice of no fixed length needs a name for its `size`.
 */
export function slice(x: Node, axis: number, start: number, end: number, size?: Dimension): Node {
  const at = axisOf(x, axis);
  const whole = x.shape[at];
  const [from, to] = typeof whole === 'number' ? sliceBounds({ start, end }, whole) : [start, end];
  const fixed = typeof whole === 'number' || (start >= 0 && end >= 0 && end < Infinity);
  const counted = fixed
    ? to - from
    : start < 0 && end === Infinity
      ? -start
      : start < 0 && end < 0
        ? end - start
        : size;
  if (counted === undefined) throw new ShapeError('a slice along an open axis needs a name for its size');
  return node({ kind: 'slice', axis: at, start: from, end: to }, [x], x.shape.with(at, counted), x.type);
}

/** Where a slice begins and ends along an axis of a known size, counted from its start. */
export function sliceBounds(
  { start, end }: { readonly start: number; readonly end: number },
  size: number,
): readonly [number, number] {
  const from = (place: number): number => (place < 0 ? size + place : Math.min(place, size));
  return [from(start), from(end)];
}

export function pad(x: Node, axis: number, before: number, after: number): Node {
  const at = axisOf(x, axis);
  const size = x.shape[at];
  if (typeof size === 'string') throw new ShapeError('cannot pad an open axis');
  return node({ kind: 'pad', axis: at, before, after }, [x], x.shape.with(at, size + before + after));
}

/** Rows of `table` [V, …] at `ids` (int32): shape of the ids, then of a row. */
export function gather(table: Node, ids: Node): Node {
  return node({ kind: 'gather' }, [table, ids], [...ids.shape, ...table.shape.slice(1)], table.type);
}

/** Σ over i with ids[i] = r of values[i], for each row r: [rows, D]. */
export function scatterAdd(values: Node, ids: Node, rows: number): Node {
  return node({ kind: 'scatterAdd', rows }, [values, ids], [rows, values.shape[1]]);
}

/** x[i, ids[i]] as [N, 1]. */
export function pick(x: Node, ids: Node): Node {
  return node({ kind: 'pick' }, [x, ids], [x.shape[0], 1]);
}

/** x with values[i, 0] added at [i, ids[i]]. */
export function addAt(x: Node, ids: Node, values: Node): Node {
  return node({ kind: 'addAt' }, [x, ids, values], x.shape);
}

/**
 * The node `y` with its derivative given by hand: `pullback(∂L/∂y)` gives ∂L/∂of[i]. What lies between `of` and `y` is then not
 * differentiated. The nodes of the forward pass that the pullback uses are calculated once for both.
 */
export function withGradient(y: Node, of: readonly Node[], pullback: (upstream: Node) => readonly Node[]): Node {
  return { ...y, gradient: { of, pullback } };
}
