import type { Node } from './node.ts';
import {
  add,
  addAt,
  div,
  exp,
  expandLike,
  matMul,
  mul,
  neg,
  pad,
  pick,
  reshape,
  scalar,
  scatterAdd,
  slice,
  sub,
  sum,
  transpose,
} from './operations.ts';
import { inOrder } from './program.ts';
import { type Dimension, sameShape, ShapeError } from './shape.ts';

/** A result and ∂L/∂result, of the same shape. */
export interface Seed {
  readonly of: Node;
  readonly upstream: Node;
}

/**
 * ∂L/∂x for each x of `wrt`, by reverse-mode differentiation: nodes of the same operation set, so that a runtime needs to know
 * nothing of derivatives. Throws where L does not depend on one of `wrt`.
 */
export function gradients(seeds: readonly Seed[], wrt: readonly Node[]): readonly Node[] {
  const order = inOrder(seeds.map(({ of }) => of));
  const needed = dependents(order, wrt);
  const upstream = new Map<Node, Node>();
  const give = (node: Node, part: Node): void => {
    const before = upstream.get(node);
    upstream.set(node, before === undefined ? part : add(before, part));
  };
  for (const { of, upstream: part } of seeds) give(of, part);
  for (const node of [...order].reverse()) {
    const above = upstream.get(node);
    if (above === undefined || !needed.has(node)) continue;
    const { of, pullback } = node.gradient ?? { of: node.inputs, pullback: (u: Node) => pulledBack(node, u, needed) };
    if (!of.some((input) => needed.has(input))) continue;
    pullback(above).forEach((part, i) => {
      if (part !== undefined && needed.has(of[i])) give(of[i], part);
    });
  }
  return wrt.map((node) => {
    const found = upstream.get(node);
    if (found === undefined) throw new ShapeError('a gradient was asked of something that the result does not use');
    return found;
  });
}

/** The nodes through which `wrt` reaches the results. */
function dependents(order: readonly Node[], wrt: readonly Node[]): ReadonlySet<Node> {
  const needed = new Set<Node>(wrt);
  for (const node of order) if (node.inputs.some((input) => needed.has(input))) needed.add(node);
  return needed;
}

/** Sums what broadcasting repeated, back to the shape of `like`. */
function unbroadcast(part: Node, like: Node): Node {
  if (sameShape(part.shape, like.shape)) return part;
  const extra = part.shape.length - like.shape.length;
  const axes = part.shape.flatMap((d, i) => (i < extra || (like.shape[i - extra] === 1 && d !== 1) ? [i] : []));
  const summed = axes.length === 0 ? part : sum(part, axes);
  return extra === 0 ? summed : reshape(summed, like.shape);
}

/** The chain rule of one operation: ∂L/∂input for each input, `undefined` where there is none or none is needed. */
function pulledBack(node: Node, u: Node, needed: ReadonlySet<Node>): readonly (Node | undefined)[] {
  const parts = rules(node, u);
  return node.inputs.map((input, i) => {
    const part = needed.has(input) ? parts[i]() : undefined;
    return part === undefined ? undefined : unbroadcast(part, input);
  });
}

/** ∂L/∂input, `undefined` where the values of the input do not matter. */
type Rule = () => Node | undefined;

function rules(node: Node, u: Node): readonly Rule[] {
  const { op, inputs } = node;
  const [a, b] = inputs;
  switch (op.kind) {
    case 'input':
    case 'constant':
      return [];
    case 'binary':
      return binaryRules(op.name, a, b, u);
    case 'unary':
      return [() => mul(u, slope(op.name, a, node))];
    case 'reduce':
      return [() => expandLike(op.name === 'sum' ? u : div(u, scalar(count(node, op.axes))), a)];
    case 'softmax':
      return [() => mul(node, sub(u, sum(mul(u, node))))];
    case 'logSoftmax':
      return [() => sub(u, mul(exp(node), sum(u)))];
    case 'matMul':
      return matMulRules(a, b, u, op.transposeA, op.transposeB);
    case 'reshape':
      return [() => reshape(u, a.shape)];
    case 'transpose':
      return [() => transpose(u, inverse(op.permutation))];
    case 'expandLike':
      // Of `like` the shape alone counts.
      return [() => u, () => undefined];
    case 'concat':
      return concatRules(inputs, op.axis, u);
    case 'slice': {
      const size = a.shape[op.axis] as number;
      return [() => pad(u, op.axis, op.start, size - op.end)];
    }
    case 'pad':
      return [() => slice(u, op.axis, op.before, op.before + (a.shape[op.axis] as number))];
    case 'gather':
      return [() => gatherRule(a, b, u), zero];
    case 'scatterAdd':
      throw new ShapeError('scatterAdd has no derivative here');
    case 'pick':
      return [() => addAt(expandLike(scalar(0), a), b, u), zero];
    case 'addAt':
      return [() => u, zero, () => pick(u, b)];
    default:
      return op satisfies never;
  }
}

function zero(): never {
  throw new ShapeError('integers have no derivative');
}

function count(node: Node, axes: readonly number[]): number {
  return axes.reduce((product, axis) => product * (node.inputs[0].shape[axis] as number), 1);
}

function binaryRules(name: 'add' | 'sub' | 'mul' | 'div', a: Node, b: Node, u: Node): readonly Rule[] {
  switch (name) {
    case 'add':
      return [() => u, () => u];
    case 'sub':
      return [() => u, () => neg(u)];
    case 'mul':
      return [() => mul(u, b), () => mul(u, a)];
    case 'div':
      return [() => div(u, b), () => neg(div(mul(u, a), mul(b, b)))];
  }
}

function slope(name: string, x: Node, y: Node): Node {
  switch (name) {
    case 'neg':
      return scalar(-1);
    case 'exp':
      return y;
    case 'log':
      return div(scalar(1), x);
    case 'sqrt':
      return div(scalar(0.5), y);
    case 'reciprocal':
      return neg(mul(y, y));
    case 'tanh':
      return sub(scalar(1), mul(y, y));
    case 'sigmoid':
      return mul(y, sub(scalar(1), y));
    case 'erf':
      return mul(scalar(2 / Math.sqrt(Math.PI)), exp(neg(mul(x, x))));
    default:
      throw new ShapeError(`${name} has no derivative`);
  }
}

/** With y = op(a) op(b): ∂a = u op(b)ᵀ and ∂b = op(a)ᵀ u, each transposed back where it was read transposed. */
function matMulRules(a: Node, b: Node, u: Node, ta: boolean, tb: boolean): readonly Rule[] {
  return [
    () =>
      ta ? matMul(b, u, { transposeA: tb, transposeB: true }) : matMul(u, b, { transposeA: false, transposeB: !tb }),
    () =>
      tb ? matMul(u, a, { transposeA: true, transposeB: ta }) : matMul(a, u, { transposeA: !ta, transposeB: false }),
  ];
}

function inverse(permutation: readonly number[]): readonly number[] {
  const result = permutation.slice();
  permutation.forEach((axis, i) => (result[axis] = i));
  return result;
}

/** Each part's own slice; parts behind an open one are counted from the end. */
function concatRules(inputs: readonly Node[], axis: number, u: Node): readonly Rule[] {
  const sizes = inputs.map((part) => part.shape[axis]);
  const total = (some: readonly Dimension[]): number | undefined =>
    some.every((size) => typeof size === 'number') ? some.reduce((a, b) => a + b, 0) : undefined;
  return inputs.map((_, i) => () => {
    const [before, after] = [total(sizes.slice(0, i)), total(sizes.slice(i + 1))];
    const size = sizes[i];
    if (before !== undefined && typeof size === 'number') return slice(u, axis, before, before + size);
    if (after === undefined) throw new ShapeError('a concatenation of several open sizes has no derivative here');
    const end = after === 0 ? Infinity : -after;
    if (typeof size === 'number') return slice(u, axis, -after - size, end);
    if (before === undefined) throw new ShapeError('a concatenation of several open sizes has no derivative here');
    return slice(u, axis, before, end, size);
  });
}

function gatherRule(table: Node, ids: Node, u: Node): Node {
  const [rows, ...row] = table.shape;
  const width = row.reduce<number>((p, d) => p * (d as number), 1);
  const open = ids.shape.find((d) => typeof d === 'string');
  const total = open ?? ids.shape.reduce<number>((p, d) => p * (d as number), 1);
  const flat = scatterAdd(reshape(u, [total, width]), reshape(ids, [total]), rows as number);
  return reshape(flat, table.shape);
}
