import { describe, expect, test } from 'vitest';
import { bigram, type BigramRows, type LanguageModel, tabular } from '../../src/index.ts';
import { trainTable } from '../../src/priors/ngram/ngram-table.ts';
import { encodeCorpus } from '../../src/priors/ngram/tokenise.ts';
import { probability } from '../../src/priors/table-lookup.ts';
import { tableModel } from '../../src/priors/table-model.ts';
import { contextSums, normalised } from '../../src/priors/table-norm.ts';
import { denseSampler, structuredSampler } from '../../src/priors/table-sampler.ts';
import type { BackoffTable } from '../../src/index.ts';
import { seededChooser } from './seeded-chooser.ts';
import { CHAIN, chiSquareLimit, chiSquareRatio, failure, keys, listSequences } from './support.ts';

/** Probabilities by text, `$` marking an end of sequence. */
function support(model: LanguageModel): Record<string, number> {
  const { batch, logProbs } = listSequences(model);
  return Object.fromEntries(keys(model, batch).map((key, i) => [key, Math.exp(logProbs[i])]));
}

describe('bigram', () => {
  test('is the chain of the reference fixture with its forced stop', () => {
    const expected = {
      $: 1 / 5,
      a$: 3 / 20,
      b$: 9 / 100,
      aa$: 9 / 200,
      ab$: 3 / 50,
      ba$: 9 / 500,
      bb$: 9 / 200,
      aaa: 9 / 200,
      aab: 3 / 50,
      aba: 1 / 25,
      abb: 1 / 10,
      baa: 9 / 500,
      bab: 3 / 125,
      bba: 3 / 100,
      bbb: 3 / 40,
    };
    const found = support(bigram(CHAIN, 3));
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [key, p] of Object.entries(expected)) expect(Math.abs(found[key] - p)).toBeLessThan(1e-14);
  });

  test('takes the separator, and numbers tokens by first appearance', () => {
    const model = bigram(
      [
        ['^', [['to', 1]]],
        ['to', [['be', 1]]],
        ['be', [['$', 1]]],
      ],
      5,
      ' ',
    );
    expect(model.vocabulary.tokens).toEqual(['to', 'be']);
    expect(support(model)).toEqual({ 'to be$': 1 });
  });

  test('needs no row for a token that only the last place can hold', () => {
    expect(support(bigram([['^', [['a', 1]]]], 1))).toEqual({ a: 1 });
  });

  const bad: readonly [string, BigramRows, string][] = [
    [
      'a row that does not sum to one',
      [
        ['^', [['a', 0.5]]],
        ['a', [['$', 1]]],
      ],
      'P302: row "^" of bigram sums to 0.5, not to 1.',
    ],
    [
      'a negative entry',
      [
        [
          '^',
          [
            ['a', 1.5],
            ['$', -0.5],
          ],
        ],
      ],
      'P303: row "^" of bigram gives "$" -0.5; a probability is at least 0.',
    ],
    ['a NaN', [['^', [['a', NaN]]]], 'P303: row "^" of bigram gives "a" NaN; a probability is at least 0.'],
    ['a token without a row', [['^', [['a', 1]]]], 'P307: bigram can reach the token "a", but has no row for it.'],
    ['no start', [['a', [['$', 1]]]], 'P307: bigram needs a row "^" with the probabilities of the first token.'],
    [
      'a way back to the start',
      [['^', [['^', 1]]]],
      'P303: row "^" of bigram leads to "^", but no text can start again.',
    ],
    [
      'a row of the end',
      [
        ['^', [['$', 1]]],
        ['$', [['$', 1]]],
      ],
      'P303: bigram has a row "$", but nothing follows the end of a text. Remove the row.',
    ],
  ];
  test.each(bad)('refuses %s', async (_name, rows, message) => {
    expect(await failure(() => bigram(rows, 3))).toBe(message);
  });
});

describe('tabular', () => {
  test('normalises weights; every text is one token and finishes', () => {
    const model = tabular([
      ['yes', 3],
      ['no', 1],
      ['', 4],
    ]);
    const close = (p: number): unknown => expect.closeTo(p, 14);
    expect(support(model)).toEqual({ yes$: close(0.375), no$: close(0.125), $: close(0.5) });
    expect(model.maxTokens).toBe(2);
    expect(model.capabilities.has('finiteSupport')).toBe(true);
  });

  test('takes weights that would overflow their sum', () => {
    const found = support(
      tabular([
        ['a', 1.5e308],
        ['b', 1e308],
        ['c', 0.5e308],
      ]),
    );
    expect(found.a$).toBeCloseTo(0.5, 12);
    expect(found.c$).toBeCloseTo(1 / 6, 12);
  });

  test.each([0, -1, NaN, Infinity])('refuses the weight %s', async (weight) => {
    expect(await failure(() => tabular([['a', weight]]))).toBe(
      `P303: the weight of "a" in tabular must be a positive number, but it is ${weight}.`,
    );
  });
});

/** Rows with every kind of back-off: positive and negative excess, weights that leave almost nothing or nothing. */
function awkwardTable(): BackoffTable {
  return normalised({
    vocabularySize: 4,
    contexts: 5,
    start: 1,
    rowStart: Int32Array.of(0, 5, 7, 8, 12, 13),
    words: Int32Array.of(0, 1, 2, 3, 4, 0, 2, 1, 0, 1, 2, 3, 3),
    probs: Float64Array.of(0.3, 0.25, 0.2, 0.15, 0.1, 0.5, 0.01, 0.4, 0.2, 0.3, 0.25, 0.2, 0.6),
    targets: Int32Array.of(1, 2, 3, 4, -1, 1, 3, 2, 1, 2, 3, 4, 4),
    backoff: Float64Array.of(0, 0.8, 0.5, 0.004, 0),
    parent: Int32Array.of(-1, 0, 0, 0, 0),
    norm: undefined,
    interpolated: false,
  });
}

describe('samplers', () => {
  const corpus = encodeCorpus(['a b a', 'b a', 'a b c b', 'c'], 'word');
  const tables: readonly [string, BackoffTable][] = [
    ['interpolated', trainTable(corpus, 3)],
    ['not interpolated', awkwardTable()],
  ];
  test.each(tables)(
    'draw each row of an %s table by its law (false-alarm rate 1e-6 a row, fixed seed)',
    (_name, table) => {
      for (const make of [denseSampler, structuredSampler]) {
        const draw = make(table);
        const { uniform } = seededChooser(11);
        for (let h = 0; h < table.contexts; h++) {
          const counts = new Float64Array(table.vocabularySize + 1);
          const total = 20_000;
          for (let i = 0; i < total; i++) counts[draw(h, uniform)]++;
          const expected = Array.from(counts, (_, word) => probability(table, h, word) * total);
          let statistic = 0;
          counts.forEach((seen, word) => {
            if (expected[word] === 0) expect(seen).toBe(0);
            else statistic += (seen - expected[word]) ** 2 / expected[word];
          });
          expect(statistic).toBeLessThan(chiSquareLimit(Math.max(1, expected.filter((x) => x > 0).length - 1)));
        }
      }
    },
  );

  test('a row whose law is summed by recursion sums to one', () => {
    const table = awkwardTable();
    for (let h = 0; h < table.contexts; h++) {
      let sum = 0;
      for (let word = 0; word <= 4; word++) sum += probability(table, h, word);
      expect(Math.abs(sum - 1)).toBeLessThan(1e-12);
    }
    expect(table.interpolated).toBe(false);
  });

  test('sums survive a back-off weight that cancels', () => {
    const table = { ...awkwardTable(), norm: undefined, backoff: Float64Array.of(0, 0.8, 0.5, 1e13, 0) };
    // Row 3 stores all words but the end, whose raw weight is 1e13 · 0.1.
    expect(Math.abs(contextSums(table)[3] / (0.95 + 1e12) - 1)).toBeLessThan(1e-15);
  });

  test('whole texts follow the model, and carry the log-probability that logProb gives', async () => {
    const model = bigram(CHAIN, 3);
    const drawn = await model.sample(50_000, seededChooser(3));
    expect(chiSquareRatio(model, drawn)).toBeLessThan(1);
    expect(drawn.logProbs).toEqual(await model.logProb(drawn));
    const other = bigram(
      [
        [
          '^',
          [
            ['a', 0.52],
            ['b', 0.28],
            ['$', 0.2],
          ],
        ],
        CHAIN[1],
        CHAIN[2],
      ],
      3,
    );
    expect(chiSquareRatio(other, drawn)).toBeGreaterThan(1);
  });

  test('a chooser without uniform numbers is asked row by row', async () => {
    const asked: number[][] = [];
    const chooser = {
      choose: (row: ArrayLike<number>) => asked.push(Array.from(row, Math.exp)) % 3,
      split: () => chooser,
    };
    const drawn = await bigram(CHAIN, 3).sample(1, chooser);
    expect(Array.from(drawn.tokens)).toEqual([1]);
    expect(asked.map((row) => row.map((p) => Number(p.toFixed(12))))).toEqual([
      [0.5, 0.3, 0.2],
      [0.2, 0.5, 0.3],
    ]);
    expect(drawn.finished[0]).toBe(1);
  });
});

test('sessions follow reordered rows', async () => {
  const session = bigram(CHAIN, 3).open(3);
  await session.advance(Int32Array.of(0, 1, 0));
  session.reorder(Int32Array.of(1, 1, 0));
  const rows = Array.from(session.logProbs, (x) => Number(Math.exp(x).toFixed(12)));
  expect(rows).toEqual([0.2, 0.5, 0.3, 0.2, 0.5, 0.3, 0.3, 0.4, 0.3]);
});

test('models with equal content have equal ids, others have not', () => {
  expect(bigram(CHAIN, 3).id).toBe(bigram(CHAIN, 3).id);
  expect(bigram(CHAIN, 4).id).not.toBe(bigram(CHAIN, 3).id);
  const table = trainTable(encodeCorpus(['a'], 'char'), 2);
  expect(tableModel({ id: 'x', vocabulary: { size: 1, tokens: ['a'], separator: '' }, maxTokens: 3, table }).id).toBe(
    'x',
  );
});
