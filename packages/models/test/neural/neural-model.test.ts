import { describe, expect, test } from 'vitest';
import type { LanguageModel } from '../../src/index.ts';
import { packSequences } from '../../src/index.ts';
import { neuralModel } from '../../src/neural/index.ts';
import { shaped, type Shaping } from '../../src/priors/shaping.ts';
import { bigram } from '../../src/priors/bigram.ts';
import { CHAIN, chiSquareLimit, failure, keys } from '../priors/support.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';
import { letters, toyLaw, toyNetwork } from '../support/toy-network.ts';

const T = 5;
const SHAPINGS: readonly (readonly [string, Shaping])[] = [
  ['as it is', {}],
  ['temperature 0.7', { temperature: 0.7 }],
  ['temperature 2.5', { temperature: 2.5 }],
  ['top_k 3', { topK: 3 }],
  ['top_p 0.8', { topP: 0.8 }],
  ['temperature 0.7, top_k 4, top_p 0.9', { temperature: 0.7, topK: 4, topP: 0.9 }],
];

const modelOf = (shaping: Shaping, options = {}): Promise<LanguageModel> =>
  neuralModel(toyNetwork(4, 7, options), {
    vocabulary: letters(4),
    maxTokens: T,
    prefix: Int32Array.of(2, 0),
    shaping,
  });

/** Every sequence of four tokens and at most T, of positive mass or not. */
function everySequence() {
  const found: number[][] = [];
  for (let length = 0; length <= T; length++) {
    for (let n = 0; n < 4 ** length; n++) {
      found.push(Array.from({ length }, (_, i) => Math.floor(n / 4 ** i) % 4));
    }
  }
  return packSequences(
    found,
    found.map((s) => s.length < T),
  );
}

describe.each(SHAPINGS)('a network as a prior, %s', (_, shaping) => {
  test('has total mass 1', async () => {
    const scores = await (await modelOf(shaping)).logProb(everySequence());
    expect(Math.abs(scores.reduce((sum, x) => sum + Math.exp(x), 0) - 1)).toBeLessThan(1e-12);
  });

  test.each([
    ['in one pass', { score: true }],
    ['token by token', { score: false }],
    ['in 32 bits', { score: true, float32: true }],
  ])('draws what it scores, %s', async (_how, options) => {
    const model = await modelOf(shaping, options);
    const drawn = await model.sample(500, seededChooser(3));
    const scores = await model.logProb(drawn);
    drawn.logProbs.forEach((x, i) => expect(Math.abs(x - scores[i])).toBeLessThan(1e-5));
  });

  test('decodes what it scores, through resampling and ends', async () => {
    const model = await modelOf(shaping);
    const chooser = seededChooser(11);
    let histories: number[][] = Array.from({ length: 6 }, () => []);
    let ended = new Uint8Array(6);
    let sums = new Float64Array(6);
    const session = model.open(6);
    for (let t = 0; t < T; t++) {
      const law = session.logProbs;
      const next = Int32Array.from(histories, (_h, i) => {
        const word = ended[i] ? 0 : chooser.choose(law.slice(i * 5, i * 5 + 5));
        if (!ended[i]) sums[i] += law[i * 5 + word];
        return word;
      });
      histories = histories.map((h, i) => (ended[i] || next[i] === 4 ? h : [...h, next[i]]));
      ended = ended.map((e, i) => (e || next[i] === 4 ? 1 : 0));
      await session.advance(next);
      const ancestors = Int32Array.from({ length: 6 }, () => Math.floor(chooser.uniform() * 6));
      session.reorder(ancestors);
      histories = Array.from(ancestors, (a) => histories[a]);
      ended = Uint8Array.from(ancestors, (a) => ended[a]);
      sums = Float64Array.from(ancestors, (a) => sums[a]);
    }
    const scores = await model.logProb(packSequences(histories, ended));
    scores.forEach((x, i) => expect(x).toBeCloseTo(sums[i], 9));
  });

  test('draws from the law that it scores (chi-square, false alarms 1e-6)', async () => {
    const model = await modelOf(shaping);
    const all = everySequence();
    const probabilities = (await model.logProb(all)).map(Math.exp);
    const names = keys(model, all);
    const N = 6_000;
    const counts = new Map<string, number>();
    for (const key of keys(model, await model.sample(N, seededChooser(5)))) counts.set(key, (counts.get(key) ?? 0) + 1);
    let [statistic, cells, rare, rareSeen] = [0, 0, 0, 0];
    names.forEach((name, i) => {
      const expected = probabilities[i] * N;
      const seen = counts.get(name) ?? 0;
      if (expected === 0) expect(seen).toBe(0);
      if (expected >= 5) {
        statistic += (seen - expected) ** 2 / expected;
        cells++;
      } else [rare, rareSeen] = [rare + expected, rareSeen + seen];
    });
    if (rare >= 5) statistic += (rareSeen - rare) ** 2 / rare;
    expect(statistic).toBeLessThan(chiSquareLimit(cells));
  });
});

test('bends rows as table priors are bent', async () => {
  const chain = bigram(CHAIN, T);
  for (const shaping of [{ topK: 2 }, { topP: 0.7 }, { temperature: 0.7, topK: 2, topP: 0.6 }, { temperature: 3 }]) {
    const table = shaped(chain, shaping);
    const session = chain.open(1);
    const first = Float64Array.from(session.logProbs);
    const network = {
      ...toyNetwork(2, 1),
      open: () => Promise.resolve({ rows: undefined as never, first }),
    };
    const model = await neuralModel(network, {
      vocabulary: chain.vocabulary,
      maxTokens: T,
      prefix: Int32Array.of(0),
      shaping,
    });
    const expected = table.open(1).logProbs;
    Array.from(model.open(1).logProbs).forEach((x, i) =>
      expect(x === expected[i] ? 0 : Math.abs(x - expected[i])).toBeLessThan(1e-12),
    );
  }
});

test('steps fewer rows as texts end, and gives all of them back', async () => {
  const toy = toyNetwork(4, 7);
  const model = await neuralModel(toy, { vocabulary: letters(4), maxTokens: 12, prefix: Int32Array.of(0) });
  await model.sample(200, seededChooser(1));
  expect(Math.max(...toy.stepped)).toBeLessThanOrEqual(64);
  expect(Math.min(...toy.stepped)).toBeLessThan(20);
  // The roots stay.
  expect(toy.open_).toBe(2);
});

/** Sequences that end after each step of a session of eight. */
const ENDING = [[2], [5], [0, 7], []];

test.each([
  ['in this process is left its ended rows until they are many', true, [8, 8, 6, 4, 4]],
  ['elsewhere is asked about no row that has ended', false, [8, 7, 6, 4, 4]],
])('a network that runs %s', async (_, here, stepped) => {
  const toy = toyNetwork(4, 7);
  const rows = (): never => {
    throw new Error('not asked for here');
  };
  const network = here ? { ...toy, rows } : toy;
  const model = await neuralModel(network, { vocabulary: letters(4), maxTokens: 9, prefix: Int32Array.of(0) });
  const session = model.open(8);
  const histories = Array.from({ length: 8 }, () => [0]);
  const ended = new Set<number>();
  for (const ending of [[], ...ENDING]) {
    for (const i of ending) ended.add(i);
    const next = Int32Array.from(histories, (h, i) => (ended.has(i) ? 4 : (i + h.length) % 4));
    next.forEach((word, i) => word < 4 && histories[i].push(word));
    await session.advance(next);
    histories.forEach((h, i) => {
      const law = [...session.logProbs.subarray(i * 5, i * 5 + 5)];
      expect(law).toEqual(ended.has(i) ? Array(5).fill(-Infinity) : [...toyLaw(h, 4, 7)]);
    });
  }
  expect(toy.stepped).toEqual(stepped);
});

test('refuses what the network cannot hold', async () => {
  const short = { ...toyNetwork(4, 7), positions: 8 };
  const parts = { vocabulary: letters(4), prefix: new Int32Array(4) };
  await neuralModel(short, { ...parts, maxTokens: 5 });
  expect(await failure(() => neuralModel(short, { ...parts, maxTokens: 6 }))).toBe(
    "P307: the model reads at most 8 tokens, but the prompt's 4 and `max_tokens` 6 need 9.",
  );
  expect(await failure(() => neuralModel(short, { ...parts, maxTokens: 2, vocabulary: letters(5) }))).toMatch(
    /^P512: /,
  );
  expect(await failure(() => neuralModel(short, { ...parts, maxTokens: 2, shaping: { topP: 0 } }))).toMatch(/^P307: /);
});

test('refuses laws that are no numbers', async () => {
  const toy = toyNetwork(4, 7);
  const broken = {
    ...toy,
    open: () => Promise.resolve({ rows: undefined as never, first: new Float32Array(5).fill(NaN) }),
  };
  const parts = { vocabulary: letters(4), prefix: new Int32Array(1), maxTokens: 3 };
  expect(await failure(() => neuralModel(broken, parts))).toMatch(/^P520: the next-token law of the model is NaN/);
});
