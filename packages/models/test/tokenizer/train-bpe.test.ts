import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trainBpe } from '../../src/index.ts';
import { failure } from '../priors/support.ts';

const encoder = (texts: readonly string[], size: number) => {
  const json = trainBpe(texts, size);
  return { json, tokenizer: new Tokenizer(JSON.parse(JSON.stringify(json)), {}) };
};

const LINES = [
  'the cat sat on the mat',
  'the hat, the cat’s',
  'it’s 1234 cats',
  'a naïve café 漢字 漢字',
  '\tthe end\n\n',
];

/** Merges by the definition: every pair counted afresh after each merge. */
function plainMerges(words: string[][], limit: number): string[] {
  const merges: string[] = [];
  while (merges.length < limit) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let i = 1; i < word.length; i++) {
        const pair = `${word[i - 1]} ${word[i]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const most = Math.max(0, ...counts.values());
    if (most < 2) return merges;
    const found = [...counts].filter(([, count]) => count === most).map(([pair]) => pair);
    merges.push(found.length === 1 ? found[0] : `one of ${found.length}`);
    if (found.length > 1) return merges;
    const [first, second] = found[0].split(' ');
    for (const word of words) {
      for (let i = 1; i < word.length; i++)
        if (word[i - 1] === first && word[i] === second) word.splice(i - 1, 2, first + second);
    }
  }
  return merges;
}

test('merges the most frequent pair, as counting afresh each time does', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1 }), { maxLength: 30 }),
      (words) => {
        const expected = plainMerges(
          words.map((word) => [...word]),
          20,
        );
        const { merges } = trainBpe(words, 277).model;
        const comparable = expected.at(-1)?.startsWith('one of') === true ? expected.slice(0, -1) : expected;
        expect(merges.slice(0, comparable.length)).toEqual(comparable);
        if (comparable === expected && expected.length < 20) expect(merges).toHaveLength(expected.length);
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});

test('has 256 bytes, the merges and the end of text, each id once', () => {
  const { json, tokenizer } = encoder(LINES, 290);
  const ids = Object.values(json.model.vocab).sort((a, b) => a - b);
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => i));
  expect(json.added_tokens.map((t) => [t.id, t.content])).toEqual([[ids.length - 1, '<|endoftext|>']]);
  expect(json.model.merges[0]).toBe('a t');
  expect(tokenizer.encode('the<|endoftext|>', { add_special_tokens: false }).ids.at(-1)).toBe(ids.length - 1);
});

test('two trainings on the same texts are the same to the last character', () => {
  expect(JSON.stringify(trainBpe(LINES, 300))).toBe(JSON.stringify(trainBpe(LINES.values(), 300)));
});

test('decoding what was encoded gives every text back', () => {
  const { tokenizer } = encoder(LINES, 280);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
      const { ids } = tokenizer.encode(text, { add_special_tokens: false });
      expect(tokenizer.decode(ids, { clean_up_tokenization_spaces: false })).toBe(text);
    }),
    { seed: 2, numRuns: 300 },
  );
});

test('stops where no pair occurs twice, and refuses a size without room for the bytes', async () => {
  expect(Object.keys(trainBpe(['ab'], 2048).model.vocab)).toHaveLength(257);
  expect(Object.keys(trainBpe([], 300).model.vocab)).toHaveLength(257);
  expect(await failure(() => trainBpe(LINES, 256))).toMatch(
    /^P307: the size of a vocabulary must be .* but it is 256\.$/,
  );
});

test('tells how far it is', () => {
  const seen: number[] = [];
  const words = Array.from({ length: 40_000 }, (_, i) => ` ${(i * 7919) % 5000}`);
  trainBpe(words, 512, (tokens, size) => seen.push(tokens / size));
  expect(seen.length).toBeGreaterThan(2);
  expect([...seen].sort((a, b) => a - b)).toEqual(seen);
});
