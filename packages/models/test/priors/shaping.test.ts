import { describe, expect, test } from 'vitest';
import { bigram, type LanguageModel, tabular } from '../../src/index.ts';
import { ngram } from '../../src/priors/ngram/ngram.ts';
import { noStore } from '../../src/cache/array-store.ts';
import { prompted, segment } from '../../src/priors/prompt.ts';
import { rowModel } from '../../src/priors/row-model.ts';
import { shaped } from '../../src/priors/shaping.ts';
import { seededChooser } from './seeded-chooser.ts';
import { chiSquareRatio, failure, keys, listSequences } from './support.ts';

const TEXTS = ['a b a', 'b a', 'a b c b', 'c', 'a b'];

async function trained(maxTokens = 3): Promise<LanguageModel> {
  const texts = { name: 'five lines', parts: TEXTS, examples: () => TEXTS };
  return ngram(texts, { order: 3, level: 'word', maxTokens }, noStore);
}

/** Next-token law after some tokens. */
function law(model: LanguageModel, ...history: number[]): number[] {
  const session = model.open(1);
  for (const token of history) void session.advance(Int32Array.of(token));
  return Array.from(session.logProbs, Math.exp);
}

/** Whether a text of the model can begin with these tokens. */
function possible(model: LanguageModel, history: readonly number[]): boolean {
  return history.every((token, i) => law(model, ...history.slice(0, i))[token] > 0);
}

const HISTORIES = [[], [0], [1], [0, 1], [2, 2], [2, 0]];

function near(found: readonly number[], expected: readonly number[]): void {
  found.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-12));
}

function over(weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
}

/** Top-k, then top-p, by sorting; ties to the smaller id. */
function cut(p: readonly number[], topK: number, topP: number): number[] {
  const order = p
    .map((_, i) => i)
    .sort((a, b) => p[b] - p[a] || a - b)
    .slice(0, topK);
  const total = order.reduce((sum, i) => sum + p[i], 0);
  let mass = 0;
  const kept = order.filter((i) => {
    const keep = mass < topP * total;
    mass += p[i];
    return keep;
  });
  return over(p.map((value, i) => (kept.includes(i) ? value : 0)));
}

describe('temperature', () => {
  test.each([0.25, 0.7, 3])('%s raises each law and keeps the back-off table', async (temperature) => {
    const model = await trained();
    const warm = shaped(model, { temperature });
    for (const h of HISTORIES) near(law(warm, ...h), over(law(model, ...h).map((p) => p ** (1 / temperature))));
    expect(warm.table!.words.length).toBe(model.table!.words.length);
    expect(chiSquareRatio(warm, await warm.sample(20_000, seededChooser(2)))).toBeLessThan(1);
  });

  test('of 1 is the same model, another is another', async () => {
    const model = await trained();
    expect(shaped(model, { temperature: 1 })).toBe(model);
    expect(shaped(model, { temperature: 2 }).id).not.toBe(model.id);
  });

  test('so low that probabilities would vanish is refused', async () => {
    expect(await failure(async () => shaped(await trained(), { temperature: 1e-4 }))).toBe(
      'P307: `temperature` 0.0001 is too low: probabilities of this prior would be lost to rounding.',
    );
    expect(await failure(() => shaped(tabular([['a', 1]]), { temperature: 0 }))).toMatch(/^P307/);
  });
});

describe('top_k and top_p', () => {
  test.each([
    [2, 1],
    [4, 0.6],
    [1, 1],
    [3, 0.9],
    [Infinity, 0.5],
  ])('top_k %s, top_p %s', async (topK, topP) => {
    const model = await trained();
    const kept = shaped(model, { topK: topK === Infinity ? undefined : topK, topP });
    const reached = HISTORIES.filter((h) => possible(kept, h));
    expect(reached.length).toBeGreaterThan(1);
    for (const h of reached) near(law(kept, ...h), cut(law(model, ...h), topK, topP));
    const drawn = await kept.sample(5_000, seededChooser(8));
    if (topK > 1) expect(chiSquareRatio(kept, drawn)).toBeLessThan(1);
    else expect(new Set(keys(kept, drawn)).size).toBe(1);
  });

  test('come after the temperature', async () => {
    const model = await trained();
    const both = shaped(model, { temperature: 0.5, topP: 0.7 });
    for (const h of HISTORIES.filter((h) => possible(both, h)))
      near(law(both, ...h), cut(over(law(model, ...h).map((p) => p * p)), Infinity, 0.7));
  });

  test('break ties by the smaller id, the end of sequence last', () => {
    const even = bigram(
      [
        [
          '^',
          [
            ['a', 0.25],
            ['b', 0.25],
            ['c', 0.25],
            ['$', 0.25],
          ],
        ],
        ['a', [['$', 1]]],
        ['b', [['$', 1]]],
        ['c', [['$', 1]]],
      ],
      2,
    );
    expect(law(shaped(even, { topK: 3 }))).toEqual([1 / 3, 1 / 3, 1 / 3, 0].map((p) => expect.closeTo(p, 12)));
    expect(law(shaped(even, { topP: 0.5 }))).toEqual([0.5, 0.5, 0, 0].map((p) => expect.closeTo(p, 12)));
  });

  test('of a model too large to write out work without a table', async () => {
    const model = await trained();
    const table = shaped(model, { topK: 2 }).table!;
    const rows = (h: number) => {
      const [from, to] = [table.rowStart[h], table.rowStart[h + 1]];
      return {
        words: table.words.slice(from, to),
        probs: table.probs.slice(from, to),
        targets: table.targets.slice(from, to),
      };
    };
    const lazy = rowModel(model, 'lazy', rows);
    expect(lazy.table).toBeUndefined();
    expect(lazy.capabilities.has('finiteState')).toBe(false);
    for (const h of [[], [0], [0, 1]]) near(law(lazy, ...h), cut(law(model, ...h), 2, 1));
    const drawn = await lazy.sample(10_000, seededChooser(4));
    expect(chiSquareRatio(lazy, drawn)).toBeLessThan(1);
    near(Array.from(drawn.logProbs), Array.from(await lazy.logProb(drawn)));
    near(Array.from(drawn.logProbs), Array.from(await shaped(model, { topK: 2 }).logProb(drawn)));
  });

  test.each([{ topK: 0 }, { topK: 1.5 }, { topP: 0 }, { topP: 1.1 }])('refuse %j', async (shaping) => {
    expect(await failure(() => shaped(tabular([['a', 1]]), shaping))).toMatch(/^P307/);
  });
});

describe('prompt', () => {
  const words = (text: string): readonly string[] => text.split(' ');

  test('conditions the first tokens and is not part of the text', async () => {
    const model = await trained();
    const after = prompted(model, 'a b', words);
    near(law(after), law(model, 0, 1));
    near(law(after, 2), law(model, 0, 1, 2));
    const total = listSequences(after).logProbs.reduce((sum, x) => sum + Math.exp(x), 0);
    expect(Math.abs(total - 1)).toBeLessThan(1e-12);
  });

  test('is forgotten up to a token that the model does not know', async () => {
    const model = await trained();
    near(law(prompted(model, 'a zebra', words)), law(prompted(model, 'c zebra', words)));
    near(law(prompted(model, 'c zebra a b', words)), law(model, 0, 1));
  });

  test('of a chain must be one that the chain can produce', async () => {
    const chain = bigram(
      [
        ['^', [['ab', 1]]],
        [
          'ab',
          [
            ['c', 0.5],
            ['$', 0.5],
          ],
        ],
        ['c', [['$', 1]]],
      ],
      3,
    );
    const cutter = (text: string): readonly string[] => segment(text, chain.vocabulary);
    expect(law(prompted(chain, 'abc', cutter))).toEqual([0, 0, 1]);
    expect(await failure(() => prompted(chain, 'c', cutter))).toBe(
      'P307: the prompt holds the token "c", which the rows give probability zero there.',
    );
    expect(await failure(() => prompted(chain, 'abz', cutter))).toBe(
      'P307: the prompt holds the token "z", which the model does not have.',
    );
  });
});

test('a prompt over tokens of bytes is cut into the longest runs of bytes', () => {
  const tokens = ['é', '<0xC3>', '<0xA9>', 'a', 'a#4', 'aé', ''];
  const bytes = ['c3a9', 'c3', 'a9', '61', '61', '61c3a9', ''].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
  const vocabulary = { size: tokens.length, tokens, separator: '', bytes };
  expect(segment('aaéé', vocabulary)).toEqual(['a', 'aé', 'é']);
  expect(segment('é', { ...vocabulary, bytes: [Uint8Array.of(0), ...bytes.slice(1)] })).toEqual(['<0xC3>', '<0xA9>']);
  expect(segment('ab', vocabulary)).toEqual(['a', 'b']);
});
