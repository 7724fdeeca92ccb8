import type { Node, Operation } from '../../src/tensor/node.ts';
import { inOrder } from '../../src/tensor/program.ts';

/** A value in double precision, row-major. */
export interface Value {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((p, d) => p * d, 1);

export function value(shape: readonly number[], data: ArrayLike<number>): Value {
  return { shape, data: Float64Array.from(data) };
}

/** The values of `outputs`, each operation by its definition, one element after the other: what the runtimes are held against. */
export function evaluate(outputs: readonly Node[], inputs: Readonly<Record<string, Value>>): readonly Value[] {
  const values = new Map<Node, Value>();
  for (const node of inOrder(outputs)) {
    const from = node.inputs.map((input) => values.get(input) as Value);
    values.set(node, valueOf(node, from, inputs));
  }
  return outputs.map((node) => values.get(node) as Value);
}

/** Calls `visit` with every index of `shape`, in order. */
function everyIndex(shape: readonly number[], visit: (index: readonly number[]) => number): Value {
  const data = new Float64Array(sizeOf(shape));
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < data.length; i++) {
    data[i] = visit(index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return { shape, data };
}

/** x at an index of a shape that it broadcasts to: aligned from the last axis on, axes of size 1 repeated. */
function at(x: Value, index: readonly number[]): number {
  const extra = index.length - x.shape.length;
  return x.data[x.shape.reduce((place, d, i) => place * d + (d === 1 ? 0 : index[extra + i]), 0)];
}

function broadcast(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  const padded = (s: readonly number[]): readonly number[] => [...new Array<number>(rank - s.length).fill(1), ...s];
  const [x, y] = [padded(a), padded(b)];
  return x.map((d, i) => (d === 1 ? y[i] : d));
}

const BINARY = {
  add: (x: number, y: number) => x + y,
  sub: (x: number, y: number) => x - y,
  mul: (x: number, y: number) => x * y,
  div: (x: number, y: number) => x / y,
};

const UNARY = {
  neg: (x: number) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  reciprocal: (x: number) => 1 / x,
  tanh: Math.tanh,
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  erf,
};

/** 2/√π ∫₀ˣ exp(−t²) dt by its Maclaurin series: for |x| < 4 right to ten digits. */
export function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 120; n++) {
    term *= -(x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

function valueOf(node: Node, from: readonly Value[], inputs: Readonly<Record<string, Value>>): Value {
  const { op } = node;
  const [a, b] = from;
  switch (op.kind) {
    case 'input':
      return inputs[op.name];
    case 'constant':
      return value(node.shape as readonly number[], op.data);
    case 'binary':
      return everyIndex(broadcast(a.shape, b.shape), (i) => BINARY[op.name](at(a, i), at(b, i)));
    case 'unary':
      return { shape: a.shape, data: a.data.map(UNARY[op.name]) };
    case 'reduce':
      return reduced(a, op.axes, op.name === 'mean');
    case 'softmax':
    case 'logSoftmax': {
      const last = [a.shape.length - 1];
      const highest = a.data.reduce((x, y) => Math.max(x, y), -Infinity);
      const shifted = { shape: a.shape, data: a.data.map((x) => Math.exp(x - highest)) };
      const total = reduced(shifted, last, false);
      const p = everyIndex(a.shape, (i) => at(shifted, i) / at(total, i.with(-1, 0)));
      if (op.kind === 'softmax') return p;
      return everyIndex(a.shape, (i) => at(a, i) - highest - Math.log(at(total, i.with(-1, 0))));
    }
    case 'matMul':
      return multiplied(a, b, op.transposeA, op.transposeB);
    case 'reshape': {
      const open = sizeOf(a.shape) / sizeOf(node.shape.map((d) => (typeof d === 'number' ? d : 1)));
      return { shape: node.shape.map((d) => (typeof d === 'number' ? d : open)), data: a.data };
    }
    default:
      return moved(op, from);
  }
}

function reduced(x: Value, axes: readonly number[], mean: boolean): Value {
  const shape = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const total = { shape, data: new Float64Array(sizeOf(shape)) };
  everyIndex(x.shape, (index) => {
    const place = shape.reduce((p, d, i) => p * d + (axes.includes(i) ? 0 : index[i]), 0);
    return (total.data[place] += at(x, index));
  });
  const count = sizeOf(x.shape) / sizeOf(shape);
  return mean ? { shape, data: total.data.map((v) => v / count) } : total;
}

function multiplied(a: Value, b: Value, ta: boolean, tb: boolean): Value {
  const [m, k] = ta ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
  const n = tb ? b.shape.at(-2)! : b.shape.at(-1)!;
  return everyIndex([...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n], (index) => {
    const [lead, i, j] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    let total = 0;
    for (let l = 0; l < k; l++) {
      total += at(a, [...lead, ...(ta ? [l, i] : [i, l])]) * at(b, [...lead, ...(tb ? [j, l] : [l, j])]);
    }
    return total;
  });
}

/** The operations that only move elements. */
function moved(op: Operation, from: readonly Value[]): Value {
  const [a, b, c] = from;
  switch (op.kind) {
    case 'transpose':
      return everyIndex(
        op.permutation.map((axis) => a.shape[axis]),
        (index) =>
          at(
            a,
            a.shape.map((_, axis) => index[op.permutation.indexOf(axis)]),
          ),
      );
    case 'expandLike':
      return everyIndex(broadcast(a.shape, b.shape), (i) => at(a, i));
    case 'concat': {
      const total = from.reduce((sum, { shape }) => sum + shape[op.axis], 0);
      return everyIndex(a.shape.with(op.axis, total), (index) => {
        let [part, place] = [0, index[op.axis]];
        while (place >= from[part].shape[op.axis]) place -= from[part++].shape[op.axis];
        return at(from[part], index.with(op.axis, place));
      });
    }
    case 'slice':
      return everyIndex(a.shape.with(op.axis, op.end - op.start), (index) =>
        at(a, index.with(op.axis, index[op.axis] + op.start)),
      );
    case 'pad':
      return everyIndex(a.shape.with(op.axis, a.shape[op.axis] + op.before + op.after), (index) => {
        const place = index[op.axis] - op.before;
        return place < 0 || place >= a.shape[op.axis] ? 0 : at(a, index.with(op.axis, place));
      });
    case 'gather':
      return everyIndex([...b.shape, ...a.shape.slice(1)], (index) =>
        at(a, [at(b, index.slice(0, b.shape.length)), ...index.slice(b.shape.length)]),
      );
    case 'scatterAdd':
      return everyIndex([op.rows, a.shape[1]], ([row, column]) =>
        b.data.reduce((total, id, i) => (id === row ? total + at(a, [i, column]) : total), 0),
      );
    case 'pick':
      return everyIndex([a.shape[0], 1], ([i]) => at(a, [i, b.data[i]]));
    case 'addAt':
      return everyIndex(a.shape, (index) => at(a, index) + (b.data[index[0]] === index[1] ? c.data[index[0]] : 0));
    default:
      throw new Error(`no definition of ${op.kind}`);
  }
}
