import { describe, expect, test } from 'vitest';
import { bigram, type BigramRows, type LanguageModel, tabular } from '../../src/index.ts';
import { mixture } from '../../src/priors/mixture.ts';
import { withVocabulary } from '../../src/priors/reorder-vocabulary.ts';
import { seededChooser } from './seeded-chooser.ts';
import { CHAIN, chiSquareRatio, failure, keys, listSequences } from './support.ts';

/** The same tokens numbered the other way round, and some transitions impossible. */
const second: BigramRows = [
  [
    '^',
    [
      ['b', 0.9],
      ['a', 0.1],
    ],
  ],
  [
    'b',
    [
      ['b', 0.5],
      ['$', 0.5],
    ],
  ],
  ['a', [['b', 1]]],
];

function support(model: LanguageModel): Map<string, number> {
  const { batch, logProbs } = listSequences(model);
  return new Map(keys(model, batch).map((key, i) => [key, Math.exp(logProbs[i])]));
}

const mixed = mixture([bigram(CHAIN, 3), bigram(second, 3)], [1, 3]);

describe('mixture', () => {
  test('has the weighted sum of the probabilities, by its session and by logProb', async () => {
    const [p, q] = [support(bigram(CHAIN, 3)), support(bigram(second, 3))];
    const { batch, logProbs } = listSequences(mixed);
    const batchLogProbs = await mixed.logProb(batch);
    keys(mixed, batch).forEach((key, i) => {
      const expected = 0.25 * (p.get(key) ?? 0) + 0.75 * (q.get(key) ?? 0);
      expect(Math.abs(Math.exp(logProbs[i]) - expected)).toBeLessThan(1e-14);
      expect(Math.abs(Math.exp(batchLogProbs[i]) - expected)).toBeLessThan(1e-14);
    });
    expect(batch.size).toBe(new Set([...p.keys(), ...q.keys()]).size);
  });

  test('is sampled component by component (false-alarm rate 1e-6, fixed seed)', async () => {
    const drawn = await mixed.sample(40_000, seededChooser(9));
    expect(chiSquareRatio(mixed, drawn)).toBeLessThan(1);
    const again = await mixed.logProb(drawn);
    drawn.logProbs.forEach((value, i) => expect(Math.abs(value - again[i])).toBeLessThan(1e-12));
  });

  test('exposes components that agree in their tokens and weights that sum to one', () => {
    expect(mixed.components!.map((c) => c.weight)).toEqual([0.25, 0.75]);
    for (const { model } of mixed.components!) expect(model.vocabulary).toEqual(mixed.vocabulary);
    expect(mixed.table).toBeUndefined();
    expect(mixed.capabilities.has('finiteState')).toBe(false);
  });

  test('flattens mixtures, drops weights of zero, and is its component where there is one', () => {
    const one = bigram(CHAIN, 3);
    const nested = mixture([mixed, one, bigram(second, 3)], [1, 1, 0]);
    expect(nested.components!.map((c) => c.weight)).toEqual([0.125, 0.375, 0.5]);
    expect(mixture([one], [7])).toBe(one);
  });

  test('follows reordered rows', async () => {
    const session = mixed.open(2);
    await session.advance(Int32Array.of(0, 1));
    session.reorder(Int32Array.of(1, 1));
    const b = mixed.open(1);
    await b.advance(Int32Array.of(1));
    expect(Array.from(session.logProbs)).toEqual([...b.logProbs, ...b.logProbs]);
  });

  test('renumbers a component without a table too', async () => {
    const swapped = { size: 2, tokens: ['b', 'a'], separator: '' };
    const turned = withVocabulary(mixed, swapped);
    expect(turned.table).toBeUndefined();
    const [old, fresh] = [support(mixed), support(turned)];
    expect([...fresh.keys()].sort()).toEqual([...old.keys()].sort());
    for (const [key, p] of old) expect(Math.abs((fresh.get(key) as number) - p)).toBeLessThan(1e-14);
    expect(chiSquareRatio(turned, await turned.sample(20_000, seededChooser(1)))).toBeLessThan(1);
    expect(withVocabulary(mixed, mixed.vocabulary)).toBe(mixed);
  });

  const ab = tabular([
    ['a', 1],
    ['b', 1],
  ]);
  test.each([
    [
      [
        ab,
        tabular([
          ['a', 1],
          ['c', 1],
        ]),
      ],
      [1, 1],
      'P208: the priors of a mixture must have the same tokens, but only one of them has "c".',
    ],
    [
      [ab, tabular([['a', 1]])],
      [1, 1],
      'P208: the priors of a mixture must have the same tokens, but only one of them has "b".',
    ],
    [
      [bigram(CHAIN, 3), bigram(CHAIN, 4)],
      [1, 1],
      'P208: the priors of a mixture must agree in max_tokens, but have 3 and 4.',
    ],
    [
      [bigram(CHAIN, 3), bigram(CHAIN, 3, ' ')],
      [1, 1],
      'P208: the priors of a mixture must join their tokens by the same separator.',
    ],
    [[ab, ab], [1], 'P303: mixture has 2 priors and 1 weights; it needs one weight per prior.'],
    [[ab, ab], [0, 0], 'P303: the weights of mixture are all 0; at least one must be positive.'],
    [[ab, ab], [1, -1], 'P303: the weights of mixture must be at least 0, but one is -1.'],
  ] as const)('refuses what does not fit (%#)', async (models, weights, message) => {
    expect(await failure(() => mixture(models, weights))).toBe(message);
  });

  test('tokens of one name that spell other bytes are not the same', async () => {
    const withBytes = (...spelled: string[]) => ({
      ...ab,
      vocabulary: { ...ab.vocabulary, bytes: spelled.map((b) => Uint8Array.from(Buffer.from(b))) },
    });
    const message = 'P208: the priors of a mixture must have the same tokens, but only one of them has "b".';
    expect(await failure(() => mixture([withBytes('a', 'b'), withBytes('a', 'c')], [1, 1]))).toBe(message);
    expect(await failure(() => mixture([ab, withBytes('a', 'b')], [1, 1]))).toContain('only one of them has "a"');
    expect(mixture([withBytes('a', 'b'), withBytes('a', 'b')], [1, 1]).vocabulary.bytes).toHaveLength(2);
  });
});
