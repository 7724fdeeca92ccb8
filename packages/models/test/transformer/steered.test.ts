import { describe, expect, test } from 'vitest';
import type { PastChange, SteeringGoal } from '../../src/port/index.ts';
import { SteeredDecoding } from '../../src/transformer/steered.ts';
import { GPT2, LLAMA, normals, toyDecoder } from '../rewards/support.ts';

const WIDTH = 14;
const BAG: SteeringGoal = { kind: 'bag', bags: [[2, 5], [7]] };
const CLASSIFIER: SteeringGoal = {
  kind: 'classifier',
  labels: 3,
  score: Float32Array.from(normals(3 * 16, 'score')),
  bias: Float32Array.of(0.1, -0.2, 0.3),
  label: 1,
};

function changeOf({ past }: SteeredDecoding, rows: number, scale: number): PastChange {
  const { layers, heads, positions, size } = past;
  return Array.from({ length: 2 * layers }, (_, i) =>
    Float32Array.from(normals(rows * heads * positions * size, `change ${i}`), (x) => scale * x),
  );
}

/** Two texts that have read three tokens after the start. */
async function opened(json: Readonly<Record<string, unknown>>, goal: SteeringGoal, prompt: readonly number[] = []) {
  const session = await SteeredDecoding.open(toyDecoder(json), 2, goal, 0.5, { prompt });
  for (const tokens of [Int32Array.of(3, 4), Int32Array.of(6, 1), Int32Array.of(2, 9)]) {
    await session.law(changeOf(session, 2, 0.1));
    await session.advance(tokens);
  }
  return session;
}

describe.each([
  ['llama', LLAMA],
  ['gpt2', GPT2],
] as const)('%s', (_, json) => {
  test.each([BAG, CLASSIFIER])('the derivative by the past is that of central differences: $kind', async (goal) => {
    const session = await opened(json, goal);
    const at = changeOf(session, 2, 0.3);
    const { slopes } = await session.slopes(at);
    for (const [i, array] of at.entries()) {
      for (const k of [1, array.length >> 1, array.length - 2]) {
        const row = Math.floor((2 * k) / array.length);
        const h = 0.02;
        const loss = async (by: number): Promise<number> => {
          const moved = at.map((a, j) => (j === i ? a.with(k, a[k] + by) : a));
          return (await session.slopes(moved)).loss[row];
        };
        const found =
          (8 * ((await loss(h)) - (await loss(-h))) - ((await loss(2 * h)) - (await loss(-2 * h)))) / (12 * h);
        expect(Math.abs(slopes[i][k] - found), `${i} ${k}`).toBeLessThan(2e-3 * Math.max(0.1, Math.abs(found)));
      }
    }
    session.dispose();
  });

  test('the loss is what its formula says', async () => {
    const session = await opened(json, BAG);
    const change = changeOf(session, 2, 0.3);
    const { loss } = await session.slopes(change);
    const [law, prior] = [(await session.law(change)).map(Math.exp), session.logPrior.map(Math.exp)];
    for (const row of [0, 1]) {
      const p = law.subarray(row * WIDTH, (row + 1) * WIDTH);
      const q = prior.subarray(row * WIDTH, (row + 1) * WIDTH);
      const kl = p.reduce((sum, x, v) => (x > 0 ? sum + x * Math.log(x / q[v]) : sum), 0);
      expect(loss[row]).toBeCloseTo(-Math.log(p[2] + p[5]) - Math.log(p[7]) + 0.5 * kl, 4);
    }
  });

  test('without a change the law is the prior, and the prior never changes', async () => {
    const decoder = toyDecoder(json);
    const session = await SteeredDecoding.open(decoder, 1, BAG, 0);
    const plain = decoder.open(1, 'logProbs');
    let last = decoder.end;
    for (const [t, token] of [3, 6, 2, 9].entries()) {
      const expected = await plain.step(Int32Array.of(last));
      const none = changeOf(session, 1, 0);
      const law = await session.law(none);
      for (let v = 0; v < WIDTH; v++) {
        if (v === decoder.end) continue;
        expect(session.logPrior[v]).toBeCloseTo(expected[v], 5);
        if (t < 2) expect(law[v]).toBeCloseTo(expected[v], 5);
      }
      // What is changed at one token is still changed at the next.
      if (t > 1) expect(Math.abs(law[1] - expected[1])).toBeGreaterThan(1e-4);
      if (t === 1) await session.law(changeOf(session, 1, 0.5));
      await session.advance(Int32Array.of(token));
      last = token;
    }
  });

  test('a prompt is read before each text', async () => {
    const decoder = toyDecoder(json);
    const session = await SteeredDecoding.open(decoder, 1, BAG, 0, { prompt: [3, 6] });
    expect(session.past.positions).toBe(2);
    const plain = decoder.open(1, 'logProbs');
    for (const id of [decoder.end, 3]) await plain.step(Int32Array.of(id));
    const expected = await plain.step(Int32Array.of(6));
    expect(session.logPrior[1]).toBeCloseTo(expected[1], 5);
  });
});
