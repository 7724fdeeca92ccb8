import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { byteMachine } from '../../src/automata/byte-machine.ts';
import { wordsMachine } from '../../src/automata/counting.ts';
import { occurrenceMachine } from '../../src/automata/occurrence.ts';
import { regexMachine } from '../../src/automata/regex/compile.ts';
import { decode, packSequences, parseRegex, textBatch, type TextMachine, type Vocabulary } from '../../src/index.ts';
import { CALLS, type Call } from '../features/calls.ts';
import { argumentsOf, bind } from '../features/support.ts';
import { built, evaluate, superfluousTokens } from './support.ts';

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Characters of one to four bytes, some at the ends of what is well-formed. */
const CHARACTERS = [
  ..."abAk '1_.\n",
  'é',
  'ſ',
  'ι',
  '\u0345',
  '\u00a0',
  '’',
  'K',
  '\ufffd',
  '\ufeff',
  '漢',
  '😀',
  '𐐀',
  '𐐨',
].concat(['\u007f', '\u0080', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}']);
/** Surrogates, overlong forms, beyond the last character, bytes that never stand anywhere. */
const ILL_FORMED = [
  'eda080',
  'edbfbf',
  'c080',
  'c1bf',
  'e08080',
  'e09fbf',
  'f0808080',
  'f08fbfbf',
  'f4908080',
  'f5',
  'ff',
  '80',
  'bf',
  'e2',
  'f09f',
];

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...CHARACTERS).map((c) => [...Buffer.from(c)]) },
  { weight: 1, arbitrary: fc.constantFrom(...ILL_FORMED).map((hex) => [...Buffer.from(hex, 'hex')]) },
);
/** A token is a stretch of bytes cut anywhere out of a text. */
const token = fc.tuple(fc.array(piece, { maxLength: 3 }), fc.nat(3), fc.nat(3)).map(([pieces, before, after]) => {
  const bytes = pieces.flat();
  return Uint8Array.from(bytes.slice(before > 2 ? 1 : 0, after > 1 ? undefined : Math.max(1, bytes.length - after)));
});
const vocabularies = fc
  .array(token, { minLength: 1, maxLength: 10 })
  .map((bytes): Vocabulary => ({ size: bytes.length, tokens: bytes.map((b, i) => `${i}:${b}`), separator: '', bytes }));
const sequences = fc.array(fc.tuple(fc.array(fc.nat(9), { maxLength: 8 }), fc.boolean()), {
  minLength: 1,
  maxLength: 10,
});

/** A weight that nothing brings back; needles and patterns beyond ASCII, and the replacement character itself. */
const BEYOND: Readonly<Record<string, fc.Arbitrary<Call>>> = {
  contains: fc
    .constantFrom('é', '\ufffd', 'a\ufffd', '漢', '\ufeff', '😀a')
    .map((text): Call => ['contains', { text }]),
  starts_with: fc.constantFrom('\ufeff', 'é', '\ufffd\ufffd').map((text): Call => ['starts_with', { text }]),
  ends_with: fc.constantFrom('\ufffd', 'é', '😀').map((text): Call => ['ends_with', { text }]),
  count: fc.constantFrom('\ufffd', 'é', 'K').map((text): Call => ['count', { text, ignore_case: true }]),
  lexicon: fc.constant<Call>(['lexicon', { weights: { a: -Infinity, é: 2, b: 1 } }]),
  matches: fc
    .constantFrom('.*\ufffd', '[^\ufffd]*', '(\\p{L}|\\s)*', '.', '..', '[\\u{800}-\\u{10ffff}]*', '[^é]*', '\\P{L}*')
    .map((pattern): Call => ['matches', { pattern }]),
};

describe('machines over tokens of bytes', () => {
  it.each(Object.keys(CALLS))('%s is what its definition says of the decoded string', async (name) => {
    const calls = name in BEYOND ? fc.oneof(CALLS[name], BEYOND[name]) : CALLS[name];
    await fc.assert(
      fc.asyncProperty(calls, vocabularies, sequences, async ([builtin, args], vocabulary, drawn) => {
        const texts = drawn.map(([ids]) => ids.map((id) => id % vocabulary.size));
        const ends = drawn.map(([, finished]) => finished);
        const batch = textBatch(vocabulary, packSequences(texts, ends));
        const bound = await bind(vocabulary, builtin, argumentsOf(args));
        expect(bound.refusal()).toBeUndefined();
        const fast = await bound.values(batch);
        bound.plainValues(batch).forEach((value, i) => {
          expect([batch.text(i), fast[i]]).toEqual([batch.text(i), expect.closeTo(value, 11)]);
        });
        const machine = bound.machine();
        if (machine !== undefined) expect(superfluousTokens(machine)).toBe(0);
      }),
      { numRuns: name === 'lexicon' ? 40 : 100, seed: 11 },
    );
  });
});

const MACHINES: Readonly<Record<string, () => TextMachine>> = {
  words: wordsMachine,
  'contains é': () => built(occurrenceMachine(['é'], { place: 'anywhere', wholeWord: false, ignoreCase: false })),
  'ends with U+FFFD a': () =>
    built(occurrenceMachine(['\ufffda'], { place: 'end', wholeWord: false, ignoreCase: false })),
  'letters only': () => built(regexMachine(parseRegex('\\p{L}*'), 'matches')),
  'two astral characters': () => built(regexMachine(parseRegex('[\\u{10000}-\\u{10ffff}]{2}'), 'matches')),
};

/** One byte of each kind that the Unicode standard's table of well-formed sequences tells apart, and some more. */
const BYTES = [
  0x20, 0x61, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xa9, 0xbf, 0xc1, 0xc3, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5,
];

test.each(Object.keys(MACHINES))('%s: every sequence of four bytes has the value of its decoding', (name) => {
  const text = MACHINES[name]();
  const machine = built(byteMachine(text));
  const wrong: string[] = [];
  for (let n = 0; n < BYTES.length ** 4; n++) {
    const bytes = Uint8Array.from({ length: 4 }, (_, i) => BYTES[Math.floor(n / BYTES.length ** i) % BYTES.length]);
    let [state, sum] = [machine.start, 0];
    for (const byte of bytes) {
      const cell = state * machine.width + machine.classOf[byte];
      sum += machine.output?.[cell] ?? 0;
      state = machine.next[cell];
    }
    if ((sum + machine.final[state]) / machine.divisor !== evaluate(text, UTF8.decode(bytes))) wrong.push(`${bytes}`);
  }
  expect(wrong).toEqual([]);
});

test('few states are added where characters beyond ASCII are all alike', () => {
  const text = built(
    occurrenceMachine(['damn', 'hell', 'heck'], { place: 'anywhere', wholeWord: false, ignoreCase: false }),
  );
  // What may follow E0, E1, ED, F0, F1 and F4, and the last two bytes of each: the same after every state but the one that never leaves.
  expect(built(byteMachine(text)).states - text.states).toBeLessThanOrEqual(2 * 7);
});

test('a text is decoded from all bytes at once, with U+FFFD for what is ill-formed', () => {
  fc.assert(
    fc.property(vocabularies, sequences, (vocabulary, drawn) => {
      for (const [ids] of drawn) {
        const tokens = Int32Array.from(ids, (id) => id % vocabulary.size);
        const whole = Buffer.concat(Array.from(tokens, (t) => vocabulary.bytes?.[t] ?? Buffer.of()));
        expect(decode(vocabulary, tokens)).toBe(UTF8.decode(whole));
        expect(decode(vocabulary, tokens, 1)).toBe(decode(vocabulary, tokens.slice(1)));
      }
    }),
    { seed: 3 },
  );
});
