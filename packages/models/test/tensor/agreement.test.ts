import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  concat,
  exp,
  gather,
  gradients,
  input,
  logSoftmax,
  matMul,
  mean,
  mul,
  neg,
  type Node,
  pad,
  program,
  reshape,
  scalar,
  sigmoid,
  slice,
  softmax,
  sub,
  sum,
  tanh,
  transpose,
} from '../../src/tensor/index.ts';
import { inOrder } from '../../src/tensor/program.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';
import { evaluate, sizeOf, type Value, value } from './reference.ts';
import { RUNTIMES, runtimeOf } from './runtimes.ts';
import { largestDifference, runOnce } from './support.ts';

const SHAPES: readonly (readonly number[])[] = [[3, 4], [4], [2, 3, 4], [1, 4], [4, 3], [2, 1, 4]];

/** One step of a random program: which operation, on which of the values so far. */
type Choice = readonly [operation: number, first: number, second: number];

const compatible = (a: readonly number[], b: readonly number[]): boolean =>
  Array.from({ length: Math.min(a.length, b.length) }, (_, i) => [a.at(-1 - i), b.at(-1 - i)]).every(
    ([x, y]) => x === y || x === 1 || y === 1,
  );

/** Bounded results: whatever is done before, numbers stay near 1, so that single precision is the only error. */
const UNARY: readonly ((x: Node) => Node)[] = [tanh, sigmoid, softmax, neg, (x) => exp(tanh(x)), logSoftmax];

/** A random program's nodes: each choice adds one where it fits the shapes, else nothing. */
function grown(choices: readonly Choice[], inputs: readonly Node[], ids: Node): readonly Node[] {
  const nodes = [...inputs];
  for (const [operation, first, second] of choices) {
    const a = nodes[first % nodes.length];
    const made = step(operation, a, nodes[second % nodes.length], second, ids);
    if (made !== undefined && made.shape.length < 6) nodes.push(tanh(made));
  }
  return nodes;
}

function step(operation: number, a: Node, b: Node, extra: number, ids: Node): Node | undefined {
  const [left, right] = [a.shape as readonly number[], b.shape as readonly number[]];
  const last = left.length - 1;
  const axis = extra % left.length;
  switch (operation % 12) {
    case 0:
    case 1:
      return compatible(left, right) ? [add, sub, mul][extra % 3](a, b) : undefined;
    case 2: {
      if (left.length < 2 || right.length < 2 || !compatible(left.slice(0, -2), right.slice(0, -2))) return undefined;
      for (const [transposeA, transposeB] of [
        [false, false],
        [false, true],
        [true, false],
        [true, true],
      ]) {
        const inner = [transposeA ? left.at(-2) : left.at(-1), transposeB ? right.at(-1) : right.at(-2)];
        if (inner[0] === inner[1]) return matMul(a, b, { transposeA, transposeB });
      }
      return undefined;
    }
    case 3:
      return UNARY[extra % UNARY.length](a);
    case 4:
      return (extra % 2 === 0 ? sum : mean)(a, [axis]);
    case 5:
      return reshape(a, [sizeOf(left)]);
    case 6:
      return transpose(
        a,
        left.map((_, i) => (i + 1) % left.length),
      );
    case 7:
      return slice(a, axis, 0, Math.max(1, left[axis] - 1));
    case 8:
      return pad(a, axis, extra % 2, 1);
    case 9:
      return concat([a, mul(a, scalar(0.5)), a], axis);
    case 10:
      return left[0] > 1 ? gather(a, ids) : undefined;
    default:
      return last === 0 ? undefined : reshape(a, [left[0], 1, sizeOf(left.slice(1))]);
  }
}

describe('random programs', () => {
  const runs = 60;
  it(`give the same values and derivatives on every runtime as by definition (${runs} programs)`, async () => {
    const choice = fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000));
    await fc.assert(
      fc.asyncProperty(fc.array(choice, { minLength: 2, maxLength: 14 }), fc.nat(), async (choices, seed) => {
        const { uniform } = seededChooser(seed);
        const ids = input('ids', [3], 'int32');
        const inputs = SHAPES.map((shape, i) => input(`x${i}`, shape));
        const result = grown(choices, inputs, ids).at(-1) as Node;
        const used = inOrder([result]);
        const wrt = inputs.filter((x) => used.includes(x));
        const upstream = input('u', result.shape);
        const found = wrt.length === 0 ? [] : gradients([{ of: result, upstream }], wrt);
        const outputs = { result, ...Object.fromEntries(found.map((node, i) => [`d${i}`, node])) };
        const values: Record<string, Value> = { ids: value([3], [0, 1, 0]) };
        for (const x of [...inputs, upstream]) {
          const shape = x.shape as readonly number[];
          const data = Float32Array.from({ length: sizeOf(shape) }, () => 2 * uniform() - 1);
          values[(x.op as { name: string }).name] = value(shape, data);
        }
        const expected = evaluate(Object.values(outputs), values);
        for (const name of RUNTIMES) {
          const got = await runOnce(await runtimeOf(name), program(outputs), values);
          Object.keys(outputs).forEach((key, i) => {
            expect(got[key].shape).toEqual(expected[i].shape);
            // Up to 14 steps with slopes of at most a few each: single precision's 6e-8, some hundred times.
            expect(largestDifference(got[key].data, expected[i].data)).toBeLessThan(2e-5);
          });
        }
      }),
      { numRuns: runs, seed: 7 },
    );
  });
});
