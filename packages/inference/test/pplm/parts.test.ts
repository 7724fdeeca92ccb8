import { describe, expect, it } from 'vitest';
import type { SteeringGoal } from '@postulate/models';
import { normals } from '../../../models/test/rewards/support.ts';
import { raising } from '../../src/bind/attributes.ts';
import { noChange, pushedChange, windowMask, type PushOptions } from '../../src/engines/pplm/change.ts';
import { fuse } from '../../src/engines/pplm/fuse.ts';
import { graphOf } from '../bind/support.ts';
import { steerableToy } from './support.ts';

const PUSH: PushOptions = { iterations: 3, stepSize: 0.1, gamma: 1, window: 0, decay: false, keepLargest: false };
const GOALS: Readonly<Record<string, SteeringGoal>> = {
  bag: { kind: 'bag', bags: [[2]] },
  classifier: {
    kind: 'classifier',
    labels: 2,
    score: Float32Array.from(normals(32, 'score')),
    bias: new Float32Array(2),
    label: 1,
  },
};

async function opened(goal: SteeringGoal, tokens: readonly number[] = [1, 3, 2]) {
  const session = await steerableToy().steerable!.openSteered(2, goal, 0);
  for (const token of tokens) {
    await session.law(noChange(session, 2));
    await session.advance(Int32Array.of(token, 1));
  }
  return session;
}

describe('the window', () => {
  it('lies on the most recent positions, and grows towards the last where it decays', () => {
    expect([...windowMask(5, 2, false)]).toEqual([0, 0, 0, 1, 1]);
    expect([...windowMask(4, 4, true)]).toEqual([0.25, 0.5, 0.75, 1]);
    expect([...windowMask(3, 0, false)]).toEqual([1, 1, 1]);
    expect([...windowMask(2, 5, false)]).toEqual([1, 1]);
  });

  it('is all that a push changes', async () => {
    const session = await opened(GOALS['bag']);
    const change = await pushedChange(session, 2, { ...PUSH, window: 1 }, new Float64Array(4));
    const { heads, positions, size } = session.past;
    expect(positions).toBe(3);
    for (const array of change) {
      array.forEach((x, i) => {
        const position = Math.floor(i / size) % positions;
        if (position < positions - 1) expect(x).toBe(0);
      });
      expect(array.some((x) => x !== 0)).toBe(true);
      expect(array.length).toBe(2 * heads * positions * size);
    }
  });
});

describe.each(Object.entries(GOALS))('a push towards a %s', (_, goal) => {
  it('lowers the loss of each row', async () => {
    const session = await opened(goal);
    const before = (await session.slopes(noChange(session, 2))).loss;
    const change = await pushedChange(session, 2, PUSH, new Float64Array(4));
    const after = (await session.slopes(change)).loss;
    before.forEach((loss, row) => expect(after[row]).toBeLessThan(loss - 1e-3));
  });

  it('moves each layer by a step of the given length where gamma is 1', async () => {
    const session = await opened(goal);
    const change = await pushedChange(session, 2, { ...PUSH, iterations: 1 }, new Float64Array(4));
    for (let layer = 0; layer < 2; layer++) {
      for (const row of [0, 1]) {
        const parts = [2 * layer, 2 * layer + 1].flatMap((k) => {
          const half = change[k].length / 2;
          return [...change[k].subarray(row * half, (row + 1) * half)];
        });
        expect(Math.hypot(...parts)).toBeCloseTo(0.1, 4);
      }
    }
  });
});

it('the largest norm so far is what later gradients are divided by', async () => {
  const session = await opened(GOALS['bag']);
  const largest = new Float64Array(4).fill(1e3);
  const change = await pushedChange(session, 2, { ...PUSH, iterations: 1, keepLargest: true }, largest);
  expect([...largest]).toEqual([1e3, 1e3, 1e3, 1e3]);
  expect(Math.hypot(...change.flatMap((a) => [...a]))).toBeLessThan(0.1);
});

describe('fusing', () => {
  const [p, q] = [[0.5, 0.3, 0.2, 0].map(Math.log), [0.1, 0.1, 0.2, 0.6].map(Math.log)];
  it('is the normalised geometric mean on what the prior allows', () => {
    const out = new Float64Array(4);
    fuse(p, q, 0.9, 0, out);
    const raw = [0, 1, 2].map((v) => Math.exp(0.9 * q[v] + 0.1 * p[v]));
    const total = raw.reduce((a, b) => a + b, 0);
    raw.forEach((x, v) => expect(Math.exp(out[v])).toBeCloseTo(x / total, 12));
    expect(out[3]).toBe(-Infinity);
  });
  it('keeps ties at a cut', () => {
    const out = new Float64Array(4);
    fuse(q, q, 1, 3, out);
    expect([...out].filter((x) => x > -Infinity).length).toBe(4);
    fuse(q, q, 1, 2, out);
    expect([...out].filter((x) => x > -Infinity).length).toBe(2);
  });
});

describe('what raises factors', () => {
  const wordsOf = (factor: string): unknown => {
    const graph = graphOf(`prior = tabular({ "a": 1, "b": 1 })\nposterior = prior * ${factor}\n`);
    const posterior = graph.nodes.find((node) => node.kind === 'posterior')!;
    const { words, learned } = raising(graph, posterior.factors);
    return [words.map((w) => (w.kind === 'string' ? w.value : w.kind === 'list' ? w.items.map((i) => (i.kind === 'string' ? i.value : i.kind)) : w.kind)), learned.length]; // prettier-ignore
  };
  it.each([
    ['exp(indicator(contains("rain")) / 0.5)', [['rain'], 0]],
    ['exp(-indicator(contains("rain")))', [[], 0]],
    ['indicator(not contains("rain"))', [[], 0]],
    ['indicator(not (not contains("rain")))', [['rain'], 0]],
    ['indicator(contains_any(["rain", "snow"]) and contains("sun"))', [[['rain', 'snow'], 'sun'], 0]],
    ['exp(count("a") - 2 * count("b"))', [['a'], 0]],
    ['exp(-0.5 * count("b"))', [[], 0]],
    ['exp(-2 * (count("a") - count("b")))', [['b'], 0]],
    ['indicator(count("a") >= 2)', [['a'], 0]],
    ['indicator(count("a") < 2)', [[], 0]],
    ['indicator(2 < count("a"))', [['a'], 0]],
    ['exp(lexicon({ "good": 1, "bad": -2 }))', [[['good']], 0]],
    ['exp(-lexicon({ "good": 1, "bad": -2 }))', [[['bad']], 0]],
    ['exp(classifier("judge", label = "polite") - reward_model("rude"))', [[], 1]],
    ['exp(lower(ensemble(count("a"), count("b")), 1))', [['a', 'b'], 0]],
  ])('%s', (factor, expected) => {
    expect(wordsOf(factor)).toEqual(expected);
  });
});
