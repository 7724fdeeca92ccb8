import { describe, expect, it } from 'vitest';
import { gradients, input, type Node, program } from '../../src/tensor/index.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';
import { type Case, CASES, inputsOf } from './cases.ts';
import { evaluate, sizeOf, type Value, value } from './reference.ts';
import { RUNTIMES, type RuntimeName, runtimeOf } from './runtimes.ts';
import { largestDifference, type Runner, runner } from './support.ts';

/** L = Σ u · y of a case, with fixed random u, and ∂L/∂x for each input that is no id. */
interface Loss {
  readonly y: Node;
  readonly wrt: readonly string[];
  readonly gradients: readonly Node[];
  readonly values: Readonly<Record<string, Value>>;
}

function lossOf(one: Case): Loss {
  const { nodes, values } = inputsOf(one);
  const y = one.build(nodes);
  const wrt = one.differentiable === false ? [] : Object.keys(one.shapes);
  const { uniform } = seededChooser(11);
  const shape = y.shape as readonly number[];
  const u = value(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 2 * uniform() - 1),
  );
  return {
    y,
    wrt,
    gradients:
      wrt.length === 0
        ? []
        : gradients(
            [{ of: y, upstream: input('u', shape) }],
            wrt.map((key) => nodes[key]),
          ),
    values: { ...values, u },
  };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((t, x, i) => t + x * b[i], 0);

/** Central differences of fourth order: error h⁴/30 times a fifth derivative, and rounding of L over h. */
function slopeOf(at: (step: number) => number, h: number): number {
  return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}

function moved(x: Value, place: number, by: number): Value {
  const data = x.data.slice();
  data[place] += by;
  return { ...x, data };
}

describe('the derivative of every operation and composite', () => {
  // In double precision with h = 1e-3: h⁴ leaves 1e-12, rounding 1e-16 / 1e-3 leaves 1e-13. A program's own constants
  // (2/√π in the derivative of erf) are single precision: 6e-8 of their size.
  it.each(CASES.filter((c) => c.differentiable !== false).map((c) => [c.name, c] as const))(
    '%s is what central differences say, in double precision',
    (_, one) => {
      const { y, wrt, gradients: nodes, values } = lossOf(one);
      const loss = (inputs: Readonly<Record<string, Value>>): number =>
        dot(evaluate([y], inputs)[0].data, values['u'].data);
      const found = evaluate(nodes, values);
      wrt.forEach((key, k) => {
        expect(found[k].shape).toEqual(values[key].shape);
        const differences = Float64Array.from(values[key].data, (_, place) =>
          slopeOf((step) => loss({ ...values, [key]: moved(values[key], place, step) }), 1e-3),
        );
        expect(largestDifference(found[k].data, differences)).toBeLessThan(1e-7);
      });
    },
  );
});

/** L along `direction` from the values of a case, by four runs, and from the gradients that a run gave. */
async function alongDirection(run: Runner, { wrt, values }: Loss, found: Readonly<Record<string, Value>>) {
  const { uniform } = seededChooser(5);
  const drawn = Object.fromEntries(wrt.map((key) => [key, values[key].data.map(() => 2 * uniform() - 1)]));
  const length = Math.sqrt(wrt.reduce((total, key) => total + dot(drawn[key], drawn[key]), 0));
  const h = 1 / 32;
  const losses = new Map<number, number>();
  for (const step of [-2 * h, -h, h, 2 * h]) {
    const shifted = (key: string): Value => ({
      ...values[key],
      data: values[key].data.map((x, i) => x + (step * drawn[key][i]) / length),
    });
    const results = await run({ ...values, ...Object.fromEntries(wrt.map((key) => [key, shifted(key)])) });
    losses.set(step, dot(results['result'].data, values['u'].data));
  }
  return {
    differences: slopeOf((step) => losses.get(step) as number, h),
    gradient: wrt.reduce((total, key) => total + dot(found[`d${key}`].data, drawn[key]), 0) / length,
  };
}

describe.each(RUNTIMES)('%s', (name: RuntimeName) => {
  it.each(CASES.map((c) => [c.name, c] as const))('%s', async (_, one) => {
    const loss = lossOf(one);
    const { y, wrt, gradients: nodes, values } = loss;
    const outputs = { result: y, ...Object.fromEntries(wrt.map((key, k) => [`d${key}`, nodes[k]])) };
    const run = await runner(await runtimeOf(name), program(outputs));
    const found = await run(values);
    evaluate(Object.values(outputs), values).forEach((expected, k) => {
      const got = found[Object.keys(outputs)[k]];
      expect(got.shape).toEqual(expected.shape);
      // Single precision: 6e-8 of each number near 1, over sums of up to 30 products, and exponentials of up to 4.5.
      expect(largestDifference(got.data, expected.data)).toBeLessThan(5e-6);
    });
    if (wrt.length > 0) {
      const { differences, gradient } = await alongDirection(run, loss, found);
      // L has an error of about 1e-6, which h = 1/32 magnifies to 5e-5; h⁴/30 = 3e-8 meets fifth derivatives of up to 1,000.
      expect(Math.abs(differences - gradient)).toBeLessThan(2e-4);
    }
    await run.dispose();
  });
});
