import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeGguf } from '../../src/export/gguf/index.ts';
import { type LanguageModel, packSequences } from '../../src/index.ts';
import { ggufPrior, type GgufOptions } from '../../src/runtimes/llama-cpp/index.ts';
import { failure, temporaryFolder } from '../priors/support.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';
import { referenceLaws, TINY_CONFIGS, TINY_END, TINY_TOKENIZER, tinyWeights } from '../support/tiny-decoders.ts';

const T = 8;
/** llama.cpp reads GPT-2's activation off a table of 16-bit numbers: how a text was batched shows in its laws. */
const AGREE = { gpt2: 1e-3, llama: 1e-5 } as const;
const FOLDER = mkdtempSync(join(tmpdir(), 'postulate-gguf-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

function written(family: 'gpt2' | 'llama', type: 'f32' | 'f16' = 'f32') {
  const config = TINY_CONFIGS[family];
  const weights = tinyWeights(config);
  const bytes = encodeGguf({ name: 'tiny', config, weights, tokenizer: TINY_TOKENIZER, end: TINY_END }, type);
  const path = join(FOLDER, `tiny-${family}-${type}.gguf`);
  writeFileSync(path, bytes);
  return { path, config, weights };
}

const open = (path: string, more: Partial<GgufOptions> = {}): Promise<LanguageModel> =>
  ggufPrior(path, { maxTokens: T, gpu: false, threads: 1, sequences: 6, ...more });

describe.each(['gpt2', 'llama'] as const)('a %s model as GGUF, run by llama.cpp', (family) => {
  const FILE = written(family);

  test.each([
    ['f32', 1e-3],
    ['f16', 2e-2],
  ] as const)('gives the laws that the definition gives, in %s', async (type, tolerance) => {
    const { path, config, weights } = type === 'f32' ? FILE : written(family, type);
    const ids = [TINY_END, 40, 7, 99, 260, 12];
    const expected = referenceLaws(config, weights, ids);
    const model = await open(path);
    const session = model.open(1);
    for (let t = 0; t < ids.length; t++) {
      if (t > 0) await session.advance(Int32Array.of(ids[t]));
      Array.from(session.logProbs).forEach((x, w) =>
        expect(w === TINY_END ? x === -Infinity : Math.abs(x - expected[t][w]) < tolerance).toBe(true),
      );
    }
    const spread = Math.max(...expected[3]) - Math.min(...expected[3].filter((x) => x > -Infinity));
    expect(spread).toBeGreaterThan(2);
    const score = await model.logProb(packSequences([ids.slice(1)], [true]));
    const sum = ids.slice(1).reduce((s, w, t) => s + expected[t][w], 0) + expected[ids.length - 1][TINY_END + 1];
    expect(Math.abs(score[0] - sum)).toBeLessThan(ids.length * tolerance);
  });

  test.each([{}, { temperature: 0.7 }, { temperature: 0.7, topK: 20, topP: 0.9 }])(
    'draws what it scores, %j',
    async (shaping) => {
      const model = await open(FILE.path, { shaping });
      const drawn = await model.sample(40, seededChooser(8));
      const scores = await model.logProb(drawn);
      drawn.logProbs.forEach((x, i) => expect(Math.abs(x - scores[i])).toBeLessThan(AGREE[family]));
    },
  );

  test('more rows than sequences, resampled: laws are those of a fresh reading', async () => {
    const model = await open(FILE.path, { sequences: 4 });
    const session = model.open(10);
    const chooser = seededChooser(2);
    let read: number[][] = Array.from({ length: 10 }, () => []);
    for (let t = 0; t < 4; t++) {
      const next = Int32Array.from({ length: 10 }, () => Math.floor(chooser.uniform() * 256));
      await session.advance(next);
      const ancestors = Int32Array.from({ length: 10 }, () => Math.floor(chooser.uniform() * 10));
      session.reorder(ancestors);
      read = read.map((h, i) => [...h, next[i]]);
      read = Array.from(ancestors, (a) => read[a]);
    }
    const width = model.vocabulary.size + 1;
    const laws = session.logProbs;
    read.forEach((ids, i) => {
      const expected = referenceLaws(FILE.config, FILE.weights, [TINY_END, ...ids]).at(-1)!;
      for (let w = 0; w < width; w++) {
        if (expected[w] > -Infinity) expect(Math.abs(laws[i * width + w] - expected[w])).toBeLessThan(1e-3);
      }
    });
  });

  test('reads prompts with its own tokenizer, and knows the bytes of its tokens', async () => {
    const model = await open(FILE.path, { prompt: 'the cat' });
    const { encode } = await import('../../src/tokenizer/index.ts').then(({ modelTokenizer }) =>
      modelTokenizer({ tokenizer: TINY_TOKENIZER, vocabularySize: FILE.config.vocabulary, source: 'tiny' }),
    );
    const ids = [TINY_END, ...encode('the cat')];
    const expected = referenceLaws(FILE.config, FILE.weights, ids).at(-1)!;
    Array.from(model.open(1).logProbs).forEach((x, w) => {
      if (w !== TINY_END) expect(Math.abs(x - expected[w])).toBeLessThan(1e-3);
    });
    const bytes = (model.vocabulary as { readonly bytes?: readonly Uint8Array[] }).bytes!;
    expect(encode('café').length).toBeGreaterThan(1);
    expect(Buffer.concat(Array.from(encode('naïve café'), (id) => bytes[id])).toString()).toBe('naïve café');
  });

  test('says what is wrong', async () => {
    expect(await failure(() => open(FILE.path, { maxTokens: 200 }))).toMatch(
      /^P307: the model reads at most 64 tokens/,
    );
    const path = (content: string | Uint8Array) => join(temporaryFolder({ 'x.gguf': content }), 'x.gguf');
    const whole = readFileSync(FILE.path);
    expect(await failure(() => open(path('nothing of the kind')))).toMatch(
      /^P510: .* it does not begin with "GGUF"\.$/,
    );
    expect(await failure(() => open(path(whole.subarray(0, 999))))).toMatch(/^P510: .* it ends within its header\.$/);
    expect(await failure(() => open(path(whole.subarray(0, 20_000))))).toMatch(
      /^P510: .* before its last array begins\.$/,
    );
    expect(await failure(() => open('/no/such.gguf'))).toMatch(/^P500: \/no\/such\.gguf cannot be read/);
  });
});
