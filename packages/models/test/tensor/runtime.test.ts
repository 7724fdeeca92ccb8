import { describe, expect, it } from 'vitest';
import {
  add,
  addAt,
  attention,
  concat,
  constant,
  div,
  gather,
  gradients,
  input,
  logProbOf,
  matMul,
  mul,
  type Node,
  pad,
  pick,
  program,
  type Program,
  reshape,
  rmsNorm,
  scatterAdd,
  softmax,
  times,
  transpose,
} from '../../src/tensor/index.ts';
import type { Elements } from '../../src/tensor/node.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';
import { evaluate, sizeOf, type Value, value } from './reference.ts';
import { RUNTIMES, type RuntimeName, runtimeOf, tf } from './runtimes.ts';
import { largestDifference, runner, runOnce, tensors } from './support.ts';

function random(shape: readonly number[], seed: number): Value {
  const { uniform } = seededChooser(seed);
  return value(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 2 * uniform() - 1),
  );
}

/** A model of one layer over `batch` rows of 3 tokens, with the gradients of its log-probabilities. */
function tiny(batch: number | string): Program {
  const rows = times(batch, 3);
  const ids = input('ids', [rows], 'int32');
  const table = input('table', [7, 4]);
  const gain = input('gain', [1, 4]);
  const x = gather(table, ids);
  const heads = reshape(rmsNorm(x, gain, 1e-5), [batch, 3, 4]);
  const mixed = reshape(attention(heads, heads, heads, 0.5), [rows, 4]);
  const logits = matMul(add(x, mixed), table, { transposeB: true });
  const logProbs = logProbOf(logits, input('targets', [rows], 'int32'));
  const upstream = input('u', [rows, 1]);
  const [dTable, dGain] = gradients([{ of: logProbs, upstream }], [table, gain]);
  return program({ logProbs, dTable, dGain });
}

function tinyValues(batch: number): Record<string, Value> {
  const rows = batch * 3;
  const cycle = (step: number): Value =>
    value(
      [rows],
      Array.from({ length: rows }, (_, i) => (i * step) % 7),
    );
  return {
    ...{ ids: cycle(2), targets: cycle(5), u: random([rows, 1], 3) },
    ...{ table: random([7, 4], 1), gain: random([1, 4], 2) },
  };
}

describe.each(RUNTIMES)('%s', (name: RuntimeName) => {
  it('runs a program with an open batch size at several sizes', async () => {
    const open = tiny('batch');
    const run = await runner(await runtimeOf(name), open);
    for (const batch of [1, 4, 2, 17]) {
      const found = await run(tinyValues(batch));
      const expected = evaluate(Object.values(open.outputs), tinyValues(batch));
      Object.keys(open.outputs).forEach((key, i) => {
        expect(found[key].shape).toEqual(expected[i].shape);
        // Gradients of a shared table sum up to 51 rows.
        expect(largestDifference(found[key].data, expected[i].data)).toBeLessThan(1e-5);
      });
    }
    await run.dispose();
  });

  it('takes frozen inputs when it compiles, and gives what it gives when they are inputs', async () => {
    const one = tiny(2);
    const { table, ...others } = tinyValues(2);
    const frozen = new Map([['table', Float32Array.from(table.data)]]);
    const run = await runner(await runtimeOf(name), one, { frozen });
    const free = await runOnce(await runtimeOf(name), one, { table, ...others });
    for (let i = 0; i < 2; i++) {
      const found = await run(others);
      // The layout may differ: the last bits do too.
      for (const key of Object.keys(free))
        expect(largestDifference(found[key].data, free[key].data)).toBeLessThan(1e-6);
    }
    await run.dispose();
  });

  it('begins a cache of keys with nothing in it', async () => {
    const past = input('past', [2, 'past', 3]);
    const grown = concat([past, input('now', [2, 1, 3])], 1, 'present');
    const run = await runner(await runtimeOf(name), program({ grown }));
    const now = random([2, 1, 3], 4);
    expect((await run({ past: value([2, 0, 3], []), now }))['grown']).toEqual(now);
    expect((await run({ past: now, now }))['grown'].shape).toEqual([2, 2, 3]);
    await run.dispose();
  });

  it('hands out an input or a constant as a result, and one value under two names, each to be let go of', async () => {
    const x = input('x', [2]);
    const c = constant(Float32Array.of(5, 6), [2]);
    const run = await runner(await runtimeOf(name), program({ same: x, fixed: c, twice: add(x, x), again: add(x, x) }));
    for (let i = 0; i < 3; i++) {
      const found = await run({ x: value([2], [1, i]) });
      expect(Object.values(found).map(({ data }) => [...data])).toEqual([
        [1, i],
        [5, 6],
        [2, 2 * i],
        [2, 2 * i],
      ]);
    }
    await run.dispose();
  });

  it('refuses missing inputs and shapes that the program does not have', async () => {
    const runtime = await runtimeOf(name);
    const outputs = { y: mul(input('x', [3, 4]), input('z', [4])) };
    const compiled = await runtime.compile(program(outputs));
    const [x, z] = [runtime.tensor(new Float32Array(12), [3, 4]), runtime.tensor(new Float32Array(4), [4])];
    await expect(compiled.run({ x })).rejects.toThrow();
    await expect(compiled.run({ x: runtime.tensor(new Float32Array(8), [2, 4]), z })).rejects.toThrow();
    expect((await compiled.run({ x, z }))['y'].shape).toEqual([3, 4]);
    await compiled.dispose();
  });

  const x = input('x', [3, 4]);
  const ids = input('ids', [3], 'int32');
  it.each<[string, Node, number]>([
    ['gather', gather(x, ids), 3],
    ['pick', pick(x, ids), 4],
    ['scatterAdd', scatterAdd(x, ids, 5), 5],
    ['addAt', addAt(x, ids, input('v', [3, 1])), 4],
  ])('%s refuses ids that are out of range', async (_, y, rows) => {
    const runtime = await runtimeOf(name);
    const run = await runner(runtime, program({ y }));
    const values = (last: number) => ({ x: random([3, 4], 1), v: random([3, 1], 2), ids: value([3], [0, 1, last]) });
    await expect(run(values(rows))).rejects.toThrow();
    expect((await run(values(rows - 1)))['y'].shape).toEqual(y.shape);
    await run.dispose();
  });
});

describe('TensorFlow.js', () => {
  it.each(['tfjs cpu', 'tfjs wasm'] as const)('%s keeps no tensor of 1,000 steps', async (name) => {
    const runtime = await runtimeOf(name);
    const before = tf.memory().numTensors;
    const frozen = new Map([['gain', Float32Array.from(tinyValues(2)['gain'].data)]]);
    const compiled = await runtime.compile(tiny('batch'), { frozen });
    const { gain: _, ...values } = tinyValues(2);
    const counts = new Set<number>();
    for (let i = 0; i < 1000; i++) {
      const { ids, targets, u, table } = tensors(runtime, tiny('batch'), values, frozen);
      const results = await compiled.run({ ids, targets, u, table });
      await results['dTable'].data();
      for (const tensor of [ids, targets, u, table, ...Object.values(results)]) tensor.dispose();
      counts.add(tf.memory().numTensors);
    }
    expect([...counts]).toHaveLength(1);
    await compiled.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(['tfjs cpu', 'tfjs wasm'] as const)('%s keeps no tensor of a run that fails', async (name) => {
    const runtime = await runtimeOf(name);
    const x = input('x', ['n']);
    const compiled = await runtime.compile(program({ y: reshape(add(mul(x, x), x), [3]) }));
    const given = runtime.tensor(new Float32Array(4), [4]);
    const before = tf.memory().numTensors;
    await expect(compiled.run({ x: given })).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps each backend to itself', async () => {
    const x = input('x', [2]);
    const one = program({ y: add(x, x) });
    const [cpu, wasm] = [await runtimeOf('tfjs cpu'), await runtimeOf('tfjs wasm')];
    const [first, second] = [await runner(cpu, one), await runner(wasm, one)];
    const order = [
      [first, 'cpu'],
      [second, 'wasm'],
      [first, 'cpu'],
    ] as const;
    for (const [run, backend] of order) {
      expect([...(await run({ x: value([2], [1, 2]) }))['y'].data]).toEqual([2, 4]);
      expect(tf.getBackend()).toBe(backend);
    }
    expect(cpu.description).toMatch(/backend cpu$/);
    expect(wasm.description).toMatch(/backend wasm$/);
  });
});

const bits = (data: Elements): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

describe('onnxruntime on two threads', () => {
  it('gives the same bits at every run', async () => {
    // Rows so wide that two threads share them, of two ids only. Rows added by ScatterND gave about 10 results in 100 runs.
    const [rows, width] = [1024, 768];
    const ids = input('ids', [rows], 'int32');
    const x = input('x', [rows, width]);
    const w = input('w', [width, 64]);
    const logits = matMul(x, w);
    const dw = matMul(x, logits, { transposeA: true });
    const outputs = { sums: scatterAdd(x, ids, 2), p: softmax(logits), dw, picked: logProbOf(logits, ids) };
    const values = {
      ids: value(
        [rows],
        Array.from({ length: rows }, (_, i) => (i * 7) % 2),
      ),
      ...{ x: random([rows, width], 1), w: random([width, 64], 2) },
    };
    const runtime = await runtimeOf('onnxruntime', 2);
    const compiled = await runtime.compile(program(outputs));
    const given = tensors(runtime, program(outputs), values);
    const first = await compiled.run(given);
    const [expected] = evaluate([outputs.sums], values);
    // 512 numbers added to each place: single precision's rounding of sums of up to 30.
    expect(largestDifference(await first['sums'].data(), expected.data)).toBeLessThan(1e-4);
    for (let i = 0; i < 60; i++) {
      const again = await compiled.run(given);
      for (const key of Object.keys(outputs)) {
        const [one, other] = [await first[key].data(), await again[key].data()];
        expect(bits(one).equals(bits(other)), key).toBe(true);
      }
    }
    await compiled.dispose();
  });
});

describe('definitions', () => {
  const x = (...shape: number[]): Node => input('x', shape);
  it.each<[string, () => unknown, RegExp]>([
    ['sizes that do not broadcast', () => add(x(2, 3), x(4)), /\[2, 3\] and \[4\] do not go together/],
    ['factors that do not fit', () => matMul(x(2, 3), x(2, 3)), /cannot multiply \[2, 3\] and \[2, 3\]/],
    ['a product with a vector', () => matMul(x(3), x(3, 2)), /\[3\] is not a matrix/],
    ['leading axes that do not broadcast', () => matMul(x(2, 2, 2), x(3, 2, 2)), /do not go together/],
    ['a reshape to another size', () => reshape(x(2, 3), [4]), /cannot reshape \[2, 3\] to \[4\]/],
    ['a reshape with two open sizes', () => reshape(x(4), ['a', 'b']), /more than one size open/],
    ['a permutation of another rank', () => transpose(x(2, 3), [0]), /bad permutation/],
    ['an axis that is not there', () => softmax(concat([x(2)], 1)), /has no axis 1/],
    ['padding of an open axis', () => pad(input('x', ['n']), 0, 1, 1), /cannot pad an open axis/],
    ['a derivative by what is not used', () => gradients([{ of: x(1), upstream: x(1) }], [x(1)]), /does not use/],
    ['two inputs of one name', () => program({ y: add(x(1), x(1)) }), /two inputs are called x/],
    ['an output that is called as an input', () => program({ x: div(x(1), x(1)) }), /called x/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
