import fc from 'fast-check';
import type { argumentsOf } from './support.ts';

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
/** Strings of few characters. */
export const chars = (max: number, min = 0) =>
  fc.array(fc.constantFrom(...CHARS), { minLength: min, maxLength: max }).map((c) => c.join(''));
/** Needles of few letters overlap themselves and each other. */
const needle = fc.oneof(
  fc.array(fc.constantFrom('a', 'b', ' '), { minLength: 1, maxLength: 4 }).map((c) => c.join('')),
  chars(3, 1),
  fc.constantFrom('aa', 'aba', 'a a', 'a b a', 'ks', "a'b", '𐐀'),
);
const options = fc.record({ whole_word: fc.boolean(), ignore_case: fc.boolean() });
const weight = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(0.1, 0.25, -1.7, 1 / 3));
const word = fc
  .array(fc.constantFrom('a', 'b', 'K', 's', 'ι', "'"), { minLength: 1, maxLength: 3 })
  .map((c) => c.join(''));

/** A builtin with arguments. */
export type Call = readonly [name: string, args: Parameters<typeof argumentsOf>[0]];
const call = (name: string) => fc.constant<Call>([name, {}]);
/** Random calls of every builtin that is a machine. */
export const CALLS: Readonly<Record<string, fc.Arbitrary<Call>>> = {
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
