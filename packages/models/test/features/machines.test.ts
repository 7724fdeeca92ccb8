import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSequences, textBatch } from '../../src/port/index.ts';
import { superfluousTokens } from '../automata/support.ts';
import { argumentsOf, bind } from './support.ts';

/** Few characters, so that needles are met: letters of one case class, marks, digits, apostrophes, spaces, astral ones. */
const CHARS = [
  'a',
  'b',
  'A',
  'k',
  'K',
  's',
  'ſ',
  'ι',
  '\u0345',
  '1',
  '_',
  "'",
  '’',
  ' ',
  '\u00a0',
  '\n',
  '.',
  '😀',
  '𐐀',
  '𐐨',
];
const chars = (max: number, min = 0) =>
  fc.array(fc.constantFrom(...CHARS), { minLength: min, maxLength: max }).map((c) => c.join(''));
/** Needles of few letters overlap themselves and each other. */
const needle = fc.oneof(
  fc.array(fc.constantFrom('a', 'b', ' '), { minLength: 1, maxLength: 4 }).map((c) => c.join('')),
  chars(3, 1),
  fc.constantFrom('aa', 'aba', 'a a', 'a b a', 'ks', "a'b", '𐐀'),
);
const vocabulary = fc.record({
  tokens: fc.array(fc.oneof(fc.constantFrom('a', 'b', 'aa', 'ab', ' ', 'a b', 'ks', "'"), chars(4)), {
    minLength: 1,
    maxLength: 8,
  }),
  separator: fc.constantFrom(' ', '', ' ', '', 'a', '. '),
});
const options = fc.record({ whole_word: fc.boolean(), ignore_case: fc.boolean() });
const weight = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(0.1, 0.25, -1.7, 1 / 3));
const word = fc
  .array(fc.constantFrom('a', 'b', 'K', 's', 'ι', "'"), { minLength: 1, maxLength: 3 })
  .map((c) => c.join(''));

type Call = readonly [name: string, args: Parameters<typeof argumentsOf>[0]];
const call = (name: string) => fc.constant<Call>([name, {}]);
const CALLS: Readonly<Record<string, fc.Arbitrary<Call>>> = {
  length: call('length'),
  chars: call('chars'),
  words: call('words'),
  finished: call('finished'),
  count: fc.tuple(needle, options).map(([text, o]): Call => ['count', { text, ...o }]),
  contains: fc.tuple(needle, options).map(([text, o]): Call => ['contains', { text, ...o }]),
  contains_any: fc
    .tuple(fc.array(needle, { maxLength: 4 }), options)
    .map(([list, o]): Call => ['contains_any', { list, ...o }]),
  starts_with: fc.tuple(needle, options).map(([text, o]): Call => ['starts_with', { text, ...o }]),
  ends_with: fc.tuple(needle, options).map(([text, o]): Call => ['ends_with', { text, ...o }]),
  lexicon: fc
    .uniqueArray(fc.tuple(word, weight), { selector: ([w]) => w.toLowerCase(), maxLength: 5 })
    .map((entries): Call => ['lexicon', { weights: Object.fromEntries(entries) }]),
  matches: fc
    .constantFrom('', 'a*', '(a|b| )*', '\\w+( \\w+)*', '[^a]*', '.*\\p{Lu}.*', '(..)*', '\\s*\\S+')
    .map((pattern): Call => ['matches', { pattern }]),
  finds: fc
    .constantFrom('ab', '^a', 'b$', '\\p{L}{3}', '[^\\p{L}]a', "a'|'a", '\\d', 'a.?a', '(^|\\W)a(\\W|$)')
    .map((pattern): Call => ['finds', { pattern }]),
};

describe('machines over tokens', () => {
  it.each(Object.keys(CALLS))('%s is what its definition says of the string', async (name) => {
    const sequences = fc.array(fc.tuple(fc.array(fc.nat(7), { maxLength: 8 }), fc.boolean()), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(CALLS[name], vocabulary, sequences, async ([builtin, args], v, drawn) => {
        const vocabulary = { ...v, size: v.tokens.length };
        const texts = drawn.map(([ids]) => ids.map((id) => id % vocabulary.size));
        const batch = textBatch(
          vocabulary,
          packSequences(
            texts,
            drawn.map(([, finished]) => finished),
          ),
        );
        const bound = await bind(vocabulary, builtin, argumentsOf(args));
        expect(bound.refusal()).toBeUndefined();
        const [fast, plain] = [await bound.values(batch), bound.plainValues(batch)];
        plain.forEach((value, i) =>
          expect([batch.text(i), fast[i]]).toEqual([batch.text(i), expect.closeTo(value, 11)]),
        );
        const machine = bound.machine();
        if (machine !== undefined) expect(superfluousTokens(machine)).toBe(0);
      }),
      { numRuns: 400, seed: 7 },
    );
  });

  it('distinct has none, and says why', async () => {
    const bound = await bind({ tokens: ['a'], size: 1, separator: ' ' }, 'distinct', argumentsOf({ n: 1 }));
    expect(bound.machine()).toBeUndefined();
    expect(bound.refusal()).toBe('it must remember every word of the text');
  });
});
