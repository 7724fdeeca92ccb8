import { expect, test } from 'vitest';
import { seededChooser } from '../../../inference/src/chooser/index.ts';
import { choiceOffsets, packSequences } from '../../src/port/index.ts';
import { decoderPolicy } from '../../src/training/decoder-policy.ts';
import { initialise } from '../../src/training/initialise.ts';
import { readStoredDecoder } from '../../src/training/stored-decoder.ts';
import { decoderConfig, type LoraConfig } from '../../src/transformer/config.ts';
import { Decoder } from '../../src/transformer/decoder.ts';
import { parametersOf } from '../../src/transformer/parameters.ts';
import { RUNTIMES, type RuntimeName, runtimeOf } from '../tensor/runtimes.ts';

const VOCABULARY = { size: 5, tokens: ['a', 'b', 'c', 'd', '<end>'], separator: '' };
const OPTIONS = { learningRate: 0.01, clip: 0, positions: false };
const LORA: LoraConfig = { rank: 2, alpha: 4, targets: ['q_proj', 'v_proj', 'up_proj'] };

async function policy(lora?: LoraConfig, name: RuntimeName = 'onnxruntime', moments = 'entry') {
  const runtime = await runtimeOf(name, 1);
  const json = {
    model_type: 'llama',
    vocab_size: 5,
    hidden_size: 16,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 24,
    max_position_embeddings: 8,
    tie_word_embeddings: true,
  };
  const config = { ...decoderConfig(json, 'test'), ...(lora && { lora }) };
  const weights = initialise(parametersOf(config), seededChooser('weights'));
  const decoder = new Decoder(runtime, config, weights, 4);
  const prefixes = [Int32Array.of(4), Int32Array.of(4, 1)];
  return decoderPolicy({ decoder, id: 'toy', vocabulary: VOCABULARY, maxTokens: 4, prefixes }, { ...OPTIONS, moments });
}

const BATCH = packSequences([[0, 3, 1], [2], [1, 1, 0, 2]], [1, 1, 0]);

test.each(RUNTIMES.flatMap((name) => [[name, undefined] as const, [name, LORA] as const]))(
  'an update raises what has a positive coefficient, on %s: %o',
  async (name, lora) => {
    const q = await policy(lora, name);
    const before = await q.logProb(BATCH);
    for (let k = 0; k < 20; k++) {
      const info = await q.update(BATCH, Float64Array.of(1, -1, 0));
      if (k === 0) info.logProbs.forEach((value, i) => expect(value).toBeCloseTo(before[i], 4));
    }
    const after = await q.logProb(BATCH);
    expect(after[0]).toBeGreaterThan(before[0] + 0.1);
    expect(after[1]).toBeLessThan(before[1] - 0.1);
  },
);

test('rows are the laws that sequences are drawn from, under the law asked for', async () => {
  const q = await policy();
  const of = Int32Array.of(0, 1, 1);
  const rows = await q.rows(BATCH, of);
  const at = choiceOffsets(BATCH);
  for (let i = 0; i < 3; i++) {
    let total = 0;
    for (let k = at[i]; k < at[i + 1]; k++) {
      const t = BATCH.offsets[i] + k - at[i];
      total += rows[k * 6 + (t < BATCH.offsets[i + 1] ? BATCH.tokens[t] : 5)];
      expect(rows[k * 6 + 4]).toBe(-Infinity);
    }
    expect(total).toBeCloseTo((await q.laws[of[i]].logProb(BATCH))[i], 4);
  }
});

test('an update by rows with the chosen tokens alone is an update', async () => {
  const [one, two] = [await policy(), await policy()];
  const at = choiceOffsets(BATCH);
  const coefficients = new Float64Array(at[3] * 6);
  for (let i = 0; i < 3; i++) {
    for (let k = at[i]; k < at[i + 1]; k++) {
      const t = BATCH.offsets[i] + k - at[i];
      coefficients[k * 6 + (t < BATCH.offsets[i + 1] ? BATCH.tokens[t] : 5)] = [1, -1, 0.5][i];
    }
  }
  const a = await one.update(BATCH, Float64Array.of(1, -1, 0.5));
  const b = await two.updateRows(BATCH, coefficients);
  expect(b.gradientNorm).toBeCloseTo(a.gradientNorm, 4);
  b.logProbs.forEach((value, i) => expect(value).toBeCloseTo(a.logProbs[i], 4));
});

test('the first step moves every entry alike, or an array along its gradient', async () => {
  const spread = async (moments: string): Promise<number> => {
    const q = await policy(undefined, 'onnxruntime', moments);
    const before = (await q.snapshot()).arrays;
    const key = Object.keys(before).find((k) => k.startsWith('weight:') && k.includes('up_proj'))!;
    await q.update(BATCH, Float64Array.of(1, -1, 0));
    const after = (await q.snapshot()).arrays[key];
    const moved = Array.from(after, (w, i) => Math.abs(w - before[key][i])).sort((a, b) => a - b);
    return moved[Math.floor(0.9 * moved.length)] / moved[Math.floor(0.5 * moved.length)];
  };
  expect(await spread('entry')).toBeCloseTo(1, 2);
  expect(await spread('array')).toBeGreaterThan(2);
});

test.each([
  ['entry', LORA],
  ['entry', undefined],
  ['array', undefined],
] as const)('restored, it goes on to the same bits (moments %s, adapters %o)', async (moments, lora) => {
  const straight = await policy(lora, 'onnxruntime', moments);
  const other = await policy(lora, 'onnxruntime', moments);
  for (let k = 0; k < 3; k++) await straight.update(BATCH, Float64Array.of(1, -1, 0.1 * k));
  const snapshot = await straight.snapshot();
  for (let k = 3; k < 6; k++) await straight.update(BATCH, Float64Array.of(1, -1, 0.1 * k));
  await other.restore(snapshot);
  for (let k = 3; k < 6; k++) await other.update(BATCH, Float64Array.of(1, -1, 0.1 * k));
  expect((await other.snapshot()).arrays).toEqual((await straight.snapshot()).arrays);
});

test('frozen laws stay, and what is stored is the law that was', async () => {
  const q = await policy();
  const [frozen] = await q.frozen();
  const before = await q.logProb(BATCH);
  const stored = await q.stored();
  await q.update(BATCH, Float64Array.of(1, -1, 0));
  (await frozen.logProb(BATCH)).forEach((value, i) => expect(value).toBeCloseTo(before[i], 5));
  const read = await readStoredDecoder(stored, await runtimeOf('onnxruntime', 1));
  (await read.logProb(BATCH)).forEach((value, i) => expect(value).toBeCloseTo(before[i], 5));
});
