import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { decode, modelTokenizer, trainBpe, type TokenizerSources } from '../../src/index.ts';
import { failure } from '../priors/support.ts';

interface Fixture {
  readonly tokenizer: { readonly model: { readonly vocab: Readonly<Record<string, number>> } };
  readonly cases: readonly { readonly text: string; readonly ids: readonly number[]; readonly decoded: string }[];
}

const fixture = (name: string): Fixture =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8')) as Fixture;

const open = (tokenizer: unknown, vocabularySize: number, more: Partial<TokenizerSources> = {}) =>
  modelTokenizer({ tokenizer, vocabularySize, source: 'tokenizer.json', ...more });

describe.each([
  ['gpt2', ''],
  ['llama3', ''],
  ['llama2', ' '],
])('a tokenizer of the kind of %s', (name, lead) => {
  const { tokenizer, cases } = fixture(name);
  const { encode, vocabulary } = open(tokenizer, 330);

  it('gives the ids of the reference implementation', () => {
    for (const { text, ids } of cases) expect([text, [...encode(text)]]).toEqual([text, ids]);
  });

  it('decodes as the reference implementation, but keeps a space in front', () => {
    for (const { text, ids, decoded } of cases) {
      // The reference reads any `▁` as a space; so do the tokens.
      if (text !== '') expect(decode(vocabulary, Int32Array.from(ids))).toBe(lead + decoded);
    }
  });

  it('gives every text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        if (!text.includes('▁')) expect(decode(vocabulary, encode(text))).toBe(lead + text);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('has names that tell all tokens apart', () => {
    expect(new Set(vocabulary.tokens).size).toBe(330);
  });
});

test('tokens of bytes that are no text are named by their bytes', () => {
  const { vocabulary } = open(fixture('gpt2').tokenizer, 298);
  const names = new Map(vocabulary.tokens.map((name, id) => [name, vocabulary.bytes?.[id]]));
  expect(names.get('<0xE6>')).toEqual(Uint8Array.of(0xe6));
  expect(names.get(' the')).toEqual(Uint8Array.from(Buffer.from(' the')));
  expect(names.get('<|end|>')).toEqual(Uint8Array.from(Buffer.from('<|end|>')));
  expect(names.get('<unused-297>')).toEqual(new Uint8Array());
});

test('a byte that spells what a token spells has another name, and the same bytes', () => {
  const { tokenizer } = fixture('llama2');
  const { vocabulary } = open(tokenizer, 326);
  const byte = tokenizer.model.vocab['<0x61>'];
  const letter = tokenizer.model.vocab['a'];
  expect([vocabulary.bytes?.[byte], vocabulary.bytes?.[letter]]).toEqual([Uint8Array.of(0x61), Uint8Array.of(0x61)]);
  expect([vocabulary.tokens[byte], vocabulary.tokens[letter]]).toEqual(['a', `a#${letter}`]);
});

const GPT2 = trainBpe(['a cat', 'a cat'], 300);
const SIZE = Object.keys(GPT2.model.vocab).length;

test('the end of text is known from each of the files', () => {
  const special = (more: Partial<TokenizerSources>) => open(GPT2, SIZE, more).special;
  expect(special({})).toEqual({ ends: [], begin: undefined, pad: undefined });
  const tokenizerConfig = { eos_token: '<|endoftext|>', bos_token: { content: '<|endoftext|>' }, pad_token: 'none' };
  expect(special({ tokenizerConfig })).toEqual({ ends: [SIZE - 1], begin: SIZE - 1, pad: undefined });
  const config = { eos_token_id: 5, bos_token_id: 6, pad_token_id: -1 };
  expect(special({ tokenizerConfig, config })).toEqual({ ends: [5], begin: 6, pad: undefined });
  expect(special({ config, generationConfig: { eos_token_id: [7, 5, 7] } })).toMatchObject({ ends: [7, 5], begin: 6 });
});

test('what is never generated: the ends, and columns that no token belongs to', () => {
  const config = { eos_token_id: [SIZE - 1, 3] };
  expect([...open(GPT2, SIZE + 3, { config }).neverGenerated]).toEqual([3, SIZE - 1, SIZE, SIZE + 1, SIZE + 2]);
});

test('a tokenizer that does not fit is refused', async () => {
  const fails = (tokenizer: unknown, size = SIZE, more: Partial<TokenizerSources> = {}) =>
    failure(() => open(tokenizer, size, more));
  expect(await fails(GPT2, SIZE - 1)).toBe(
    `P512: tokenizer.json has the token "<|endoftext|>" with id ${SIZE - 1}, but the model has ${SIZE - 1} tokens only.`,
  );
  expect(await fails(GPT2, SIZE, { config: { eos_token_id: SIZE } })).toMatch(
    /^P512: .*`eos_token_id` is \d+, but the model has/,
  );
  expect(await fails(GPT2, SIZE, { config: { bos_token_id: 'x' } })).toMatch(/^P512: .*`bos_token_id` is "x"/);
  expect(await fails([])).toMatch(/^P512: tokenizer\.json is not a tokenizer: it has no model/);
  expect(await fails({ ...GPT2, added_tokens: [1] })).toMatch(/^P512: .*`added_tokens` is not a list/);
  expect(await fails({ ...GPT2, pre_tokenizer: { type: 'Odd' } })).toMatch(
    /^P512: .*cannot be read as a tokenizer: .*Odd/,
  );
  expect(await fails({ ...GPT2, decoder: { type: 'WordPiece' } })).toMatch(
    /^P512: .*the decoder "WordPiece" is not known here/,
  );
  expect(await fails({ ...GPT2, decoder: null })).toMatch(/^P512: .*there is no decoder/);
});

test('a text that the tokenizer has no token for is refused', async () => {
  const vocab = { a: 0, b: 1 };
  const tokenizer = { model: { type: 'BPE', vocab, merges: [], unk_token: '?' }, decoder: { type: 'Fuse' } };
  const { encode } = open(tokenizer, 2);
  expect([...encode('abba')]).toEqual([0, 1, 1, 0]);
  expect([...encode('')]).toEqual([]);
  expect(await failure(() => encode('abc'))).toBe('P512: tokenizer.json has no token for "?".');
});

test('special tokens are put around a text only when asked for', () => {
  const begin = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<|endoftext|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  };
  const { encode } = open({ ...GPT2, post_processor: begin }, SIZE);
  expect([...encode('a cat', { special: true })]).toEqual([SIZE - 1, ...encode('a cat')]);
  expect([...encode('', { special: true })]).toEqual([SIZE - 1]);
});
