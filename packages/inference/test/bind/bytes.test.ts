import { bigram, decode, packSequences, textBatch, type LanguageModel, type Vocabulary } from '@postulate/models';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { priorFacts } from '../../src/bind/facts.ts';
import { textOf, withTexts } from '../../src/dp/texts.ts';

const PIECES = ['61', 'c3', 'a9', 'e6bc', 'a2', 'efbbbf', 'f09f98', '80', 'eda080', ''];
const bytes = PIECES.map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
const VOCABULARY: Vocabulary = { size: bytes.length, tokens: PIECES, separator: '', bytes };

test('texts over tokens of bytes are decoded as the models decode them', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length - 1)), (ids) => {
      const tokens = Int32Array.from(ids);
      const expected = decode(VOCABULARY, tokens);
      expect(textOf(VOCABULARY, ids)).toBe(expected);
      const batch = packSequences([tokens], [true]);
      expect(withTexts(VOCABULARY, batch).text(0)).toBe(expected);
      expect(textBatch(VOCABULARY, batch).text(0)).toBe(expected);
    }),
    { seed: 1 },
  );
});

test('no text has more characters than the facts say', () => {
  const prior = { vocabulary: VOCABULARY, maxTokens: 4 } as LanguageModel;
  const { maxChars } = priorFacts(prior);
  expect(maxChars).toBe(12);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length - 1), { maxLength: 4 }), (ids) => {
      expect([...textOf(VOCABULARY, ids)].length).toBeLessThanOrEqual(maxChars);
    }),
    { seed: 2 },
  );
  expect(
    priorFacts(
      bigram(
        [
          ['^', [['ab', 1]]],
          ['ab', [['$', 1]]],
        ],
        3,
      ),
    ).maxChars,
  ).toBe(6);
});
