import { gzipSync } from 'node:zlib';
import type { Argument, NodeOf } from '@postulate/graph';
import { describe, expect, test } from 'vitest';
import { timed } from '../../../testing/test/slow.ts';
import { createData, createModels, type LanguageModel, packSequences, type SampledBatch } from '../../src/index.ts';
import { seededChooser } from './seeded-chooser.ts';
import { failure, temporaryFolder } from './support.ts';

type Plain = string | number | { readonly [key: string]: Plain } | Argument;

/** Arguments from plain values; what has a `kind` is an argument already. */
function argument(value: Plain): Argument {
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'number') return { kind: 'number', value };
  if ('kind' in value) return value as Argument;
  return { kind: 'record', entries: Object.entries(value).map(([k, v]) => [k, argument(v as Plain)] as const) };
}

function prior(name: string, args: Readonly<Record<string, Plain>>): NodeOf<'prior'> {
  return {
    kind: 'prior',
    type: 'distribution',
    name,
    args: Object.fromEntries(Object.entries(args).map(([k, v]) => [k, argument(v)])),
  };
}

const ARPA = `\\data\\\nngram 1=3\n\\1-grams:\n-0.30103 a\n-0.6 b\n-1 </s>\n\\end\\\n`;

function models(files: Readonly<Record<string, string | Uint8Array>> = {}) {
  return createModels({ directory: temporaryFolder(files), cacheDirectory: null });
}

async function firstLaw(model: LanguageModel): Promise<number[]> {
  return Array.from(model.open(1).logProbs, (x) => Number(Math.exp(x).toFixed(9)));
}

const rows = { '^': { a: 0.5, b: 0.25, $: 0.25 }, a: { $: 1 }, b: { b: 0.5, $: 0.5 } };

describe('createModels', () => {
  test('binds every prior with its options', async () => {
    const m = models({ 'x.txt': 'a b\nb a\n\na c\n', 'm.arpa': ARPA, 'm.arpa.gz': gzipSync(ARPA) });
    expect(await firstLaw(await m.prior(prior('tabular', { weights: { x: 1, y: 3 } }), {}))).toEqual([0.25, 0.75, 0]);
    const chain = await m.prior(prior('bigram', { rows, max_tokens: 4, prompt: 'b', separator: '' }), {});
    expect(await firstLaw(chain)).toEqual([0, 0.5, 0.5]);
    const sharp = await m.prior(prior('bigram', { rows, max_tokens: 4, temperature: 0.5, top_k: 2 }), {});
    expect(await firstLaw(sharp)).toEqual([0.8, 0.2, 0]);
    const plain = await m.prior(prior('arpa', { file: 'm.arpa', max_tokens: 3 }), {});
    expect(plain.vocabulary).toEqual({ size: 2, tokens: ['a', 'b'], separator: ' ' });
    const zipped = await m.prior(prior('arpa', { file: 'm.arpa.gz', max_tokens: 3, separator: '' }), {});
    expect(zipped.vocabulary.separator).toBe('');
    expect(await firstLaw(zipped)).toEqual(await firstLaw(plain));
    const words = await m.prior(prior('ngram', { corpus: 'x.txt', max_tokens: 3 }), {});
    expect(words.vocabulary).toEqual({ size: 3, tokens: ['a', 'b', 'c'], separator: ' ' });
    const letters = await m.prior(prior('ngram', { corpus: 'x.txt', max_tokens: 3, level: 'char', order: 2 }), {});
    expect(letters.vocabulary).toEqual({ size: 4, tokens: ['a', ' ', 'b', 'c'], separator: '' });
  });

  test('places at its leaf what cannot be read', async () => {
    const span = { source: 'm.post', start: 8, end: 40 };
    const missing = { ...prior('ngram', { corpus: 'nothing.txt', max_tokens: 3 }), span };
    await expect(models().prior(missing, {})).rejects.toMatchObject({ diagnostics: [{ code: 'P500', span }] });
    const malformed = { ...prior('arpa', { file: 'x.txt', max_tokens: 3 }), span };
    const read = models({ 'x.txt': 'no model' }).prior(malformed, {});
    await expect(read).rejects.toMatchObject({ diagnostics: [{ code: 'P501', span }] });
    const extern = { kind: 'externScore', type: 'score', name: 'f', module: 'f.mjs', span } as const;
    const scope = { vocabulary: { size: 0, tokens: [], separator: '' }, maxTokens: 1, context: {} };
    await expect(models().extern(extern, undefined, scope)).rejects.toMatchObject({ diagnostics: [{ span }] });
  });

  test('trains on a list as on a file with the same lines', async () => {
    const m = models({ 'x.txt': 'a b\nb a\n' });
    const list = { kind: 'list', items: [argument('a b'), argument('b a')] } as const;
    const data = { kind: 'data', source: 'lines', name: 'x.txt' } as const;
    const laws = await Promise.all(
      [list, data, 'x.txt'].map(async (corpus) =>
        firstLaw(await m.prior(prior('ngram', { corpus, max_tokens: 3 }), {})),
      ),
    );
    expect(laws[1]).toEqual(laws[0]);
    expect(laws[2]).toEqual(laws[0]);
  });

  test('takes a prompt from the context', async () => {
    const m = models();
    const node = prior('bigram', { rows, max_tokens: 4, prompt: { kind: 'context', name: 'c' } });
    expect(await firstLaw(await m.prior(node, { c: 'a' }))).toEqual([0, 0, 1]);
    expect(await firstLaw(await m.prior(node, { c: 'b' }))).toEqual([0, 0.5, 0.5]);
    expect(await failure(() => m.prior(node, {}))).toMatch(/^P307/);
  });

  test('makes a prior once, but does not remember failures', async () => {
    const m = models({ 'm.arpa': ARPA });
    const node = prior('arpa', { file: 'm.arpa', max_tokens: 3 });
    expect(await m.prior(node, {})).toBe(await m.prior({ ...node }, {}));
    const missing = prior('arpa', { file: 'n.arpa', max_tokens: 3 });
    expect(await failure(() => m.prior(missing, {}))).toMatch(/^P500/);
    expect(await failure(() => m.prior(missing, {}))).toMatch(/^P500/);
  });

  test.each([
    ['lm', { source: 'tiny-english' }, 'P507: lm needs `max_tokens`: it bounds how many tokens a text can have.'],
    ['fitted', { folder: 'runs/x' }, 'P500: the run folder runs/x holds no policy: runs/x/policy.bin cannot be read.'],
    ['bigram', { rows }, 'P507: bigram needs `max_tokens`: it bounds how many tokens a text can have.'],
    [
      'bigram',
      { rows, max_tokens: 2.5 },
      'P307: `max_tokens` of bigram must be a whole number from 1 to 1000000, but it is 2.5.',
    ],
    [
      'ngram',
      { corpus: 'x.txt', max_tokens: 3, level: 'byte' },
      'P307: `level` of ngram must be "word" or "char", but it is "byte".',
    ],
    [
      'ngram',
      { corpus: 'x.txt', max_tokens: 3, order: 99 },
      'P307: `order` of ngram must be at most 20, but it is 99.',
    ],
    [
      'ngram',
      { corpus: 'blank.txt', max_tokens: 3 },
      'P508: there is no text in "blank.txt" to train an n-gram model on; it needs a line with a token.',
    ],
    ['tabular', { weights: { x: 1 }, prompt: 'x' }, 'P307: tabular takes no prompt: its texts are given whole.'],
    ['tabular', {}, 'P307: tabular needs a record as `weights`, but it is missing.'],
  ] as const)('refuses %s (%#)', async (name, args, message) => {
    const m = models({ 'x.txt': 'a', 'blank.txt': '\n  \n' });
    expect(await failure(() => m.prior(prior(name, args), {}))).toBe(message);
  });

  test('binds features to its data', async () => {
    const m = models({ 'w.tsv': 'a 2\nb -1\n' });
    const model = await m.prior(prior('bigram', { rows, max_tokens: 4 }), {});
    const scope = { vocabulary: model.vocabulary, maxTokens: 4, context: {} };
    const feature = { kind: 'feature', type: 'score', name: 'length', args: {} } as const;
    const text = { vocabulary: model.vocabulary, text: () => 'bb', ...packSequences([[1, 1]], [true]) };
    expect(Array.from(await (await m.feature(feature, scope)).values(text))).toEqual([2]);
  });

  test('offers data alone', async () => {
    expect(await createData({ directory: temporaryFolder({ 'x.txt': 'a\nb' }) }).lines('x.txt')).toEqual(['a', 'b']);
  });
});

function tokensPerSecond(draw: () => SampledBatch | Promise<SampledBatch>): number {
  const start = performance.now();
  const { tokens } = draw() as SampledBatch;
  return (tokens.length / (performance.now() - start)) * 1000;
}

describe('the trigram of nlp-corpus', () => {
  test('trains, is cached, loads again as the same model, and samples (generous time budgets)', async () => {
    const cacheDirectory = temporaryFolder();
    const node = prior('ngram', { corpus: 'nlp-corpus', order: 3, max_tokens: 20 });
    const load = async (): Promise<{ model: LanguageModel; seconds: number }> => {
      const start = performance.now();
      const model = await createModels({ directory: '.', cacheDirectory }).prior(node, {});
      return { model, seconds: (performance.now() - start) / 1000 };
    };
    const trained = await load();
    const loaded = await load();
    expect(trained.seconds).toBeLessThan(60);
    expect(loaded.seconds).toBeLessThan(trained.seconds / 2);
    const { table, vocabulary } = loaded.model;
    expect(vocabulary.size).toBe(73_274);
    expect(vocabulary.tokens).toEqual(trained.model.vocabulary.tokens);
    expect(table!.contexts).toBe(1 + 73_275 + 622_195);
    for (const key of ['rowStart', 'words', 'probs', 'targets', 'backoff', 'parent'] as const) {
      const bytes = (t: typeof table): Buffer => Buffer.from(t![key].buffer, t![key].byteOffset, t![key].byteLength);
      expect(bytes(table).equals(bytes(trained.model.table))).toBe(true);
    }
    const drawn = (await loaded.model.sample(2000, seededChooser(1))) as SampledBatch;
    const again = await loaded.model.logProb(drawn);
    drawn.logProbs.forEach((value, i) => expect(Math.abs(value - again[i])).toBeLessThan(1e-12));
    expect(drawn.logProbs.every(Number.isFinite)).toBe(true);
    if (timed) {
      const rate = tokensPerSecond(() => loaded.model.sample(50_000, seededChooser(2)));
      expect(rate).toBeGreaterThan(200_000);
    }
  });

  test.runIf(timed)('a Markov prior of six letters gives a million tokens a second', async () => {
    const letters = ['a', 'b', 'c', 'd', 'e', 'f'];
    const row = Object.fromEntries(letters.map((letter, i) => [letter, (i + 1) / 21]));
    const full = Object.fromEntries(['^', ...letters].map((letter) => [letter, row]));
    const model = await models().prior(prior('bigram', { rows: full, max_tokens: 8 }), {});
    model.sample(10_000, seededChooser(1));
    expect(tokensPerSecond(() => model.sample(200_000, seededChooser(2)))).toBeGreaterThan(1_000_000);
  });
});
