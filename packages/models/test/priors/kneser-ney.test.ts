import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { estimateDiscounts } from '../../src/priors/ngram/discounts.ts';
import { trainTable } from '../../src/priors/ngram/ngram-table.ts';
import { encodeCorpus, type Level, tokenise } from '../../src/priors/ngram/tokenise.ts';
import { nextContext, probability } from '../../src/priors/table-lookup.ts';
import { contextSums } from '../../src/priors/table-norm.ts';

interface Case {
  readonly name: string;
  readonly level: Level;
  readonly order: number;
  readonly discounts: readonly number[][];
  readonly texts: readonly string[];
  readonly vocabulary: readonly string[];
  readonly rows: readonly { readonly history: readonly string[]; readonly p: readonly number[] }[];
}

/** Made by oracle/kneser_ney.py, an implementation that shares nothing with this one. */
const cases = JSON.parse(readFileSync(new URL('./fixtures/kneser_ney.json', import.meta.url), 'utf8')) as Case[];

describe.each(cases)('$name, order $order', ({ level, order, texts, vocabulary, rows }) => {
  const corpus = encodeCorpus(texts, level);
  const table = trainTable(corpus, order);

  test('numbers tokens by first appearance', () => {
    expect(corpus.tokens).toEqual(vocabulary);
  });

  test('gives every token the probability that the oracle gives, within 1e-12', () => {
    for (const { history, p } of rows) {
      let context = table.start;
      for (const token of history) context = nextContext(table, context, vocabulary.indexOf(token));
      const worst = p.reduce(
        (most, value, word) => Math.max(most, Math.abs(value - probability(table, context, word))),
        0,
      );
      expect(worst, history.join(' ')).toBeLessThan(1e-12);
    }
  });

  test('has rows that sum to one, and interpolates', () => {
    for (const sum of contextSums(table)) expect(Math.abs(sum - 1)).toBeLessThan(1e-12);
    const dense = Array.from({ length: table.contexts }, (_, h) => {
      let sum = 0;
      for (let word = 0; word <= table.vocabularySize; word++) sum += probability(table, h, word);
      return sum;
    });
    for (const sum of dense) expect(Math.abs(sum - 1)).toBeLessThan(1e-12);
    expect(table.interpolated).toBe(true);
  });
});

test('the cases cover estimated discounts at every order, and the fallback', () => {
  const fallback = (d: readonly number[]): boolean => d.every((value) => value === 0.75);
  const all = cases.flatMap((c) => c.discounts.map((d, k) => ({ order: k + 1, fallback: fallback(d) })));
  for (const order of [1, 2, 3, 4]) expect(all).toContainEqual({ order, fallback: false });
  expect(all).toContainEqual({ order: 1, fallback: true });
});

test('discounts follow the counts of counts', () => {
  // n1 = 4, n2 = 2, n3 = 1, n4 = 1: Y = 1/2, D = 1 − 1/2, 2 − 3/4, 3 − 2.
  expect(estimateDiscounts([1, 1, 1, 1, 2, 2, 3, 4, 9])).toEqual([0, 0.5, 1.25, 1]);
  expect(estimateDiscounts([1, 1, 2, 2, 3])).toEqual([0, 0.75, 0.75, 0.75]);
  // n3 = 8 makes D2 = 2 − 3 · ½ · 4 negative.
  expect(estimateDiscounts([1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4])).toEqual([0, 0.75, 0.75, 0.75]);
});

test('words are runs of letters, digits and apostrophes, else one visible code point', () => {
  expect(tokenise("Don't  pay $5,\t«été» 𝄞x!", 'word')).toEqual([
    "Don't",
    'pay',
    '$',
    '5',
    ',',
    '«',
    'été',
    '»',
    '𝄞',
    'x',
    '!',
  ]);
  expect(tokenise('a 𝄞', 'char')).toEqual(['a', ' ', '𝄞']);
});
