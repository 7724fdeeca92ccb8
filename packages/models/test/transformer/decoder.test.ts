import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { seededChooser } from '../../../inference/src/chooser/index.ts';
import { initialise } from '../../src/training/initialise.ts';
import { ortRuntime } from '../../src/tensor/ort/runtime.ts';
import { decoderConfig } from '../../src/transformer/config.ts';
import { Decoder } from '../../src/transformer/decoder.ts';
import { parametersOf } from '../../src/transformer/parameters.ts';

const CONFIGS = {
  gpt2: { model_type: 'gpt2', vocab_size: 11, n_embd: 16, n_layer: 2, n_head: 4, n_positions: 12 },
  llama: {
    model_type: 'llama',
    vocab_size: 11,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    intermediate_size: 24,
    max_position_embeddings: 12,
    tie_word_embeddings: false,
  },
};

const runtime = ortRuntime(ort, 'onnxruntime-node', { threads: 1 });

function decoder(kind: keyof typeof CONFIGS, trainable = false): Decoder {
  const config = decoderConfig(CONFIGS[kind], 'test');
  const weights = initialise(
    parametersOf(config).map((p) => ({ ...p, initial: typeof p.initial === 'number' ? 0.5 : p.initial })),
    seededChooser('weights'),
  );
  return new Decoder(runtime, config, weights, 3, trainable);
}

const IDS = [3, 5, 1, 9, 0, 10, 2];

describe.each(['gpt2', 'llama'] as const)('%s', (kind) => {
  /** log p of each next token by the cached steps, the end's column being the last. */
  async function stepped(model: Decoder, ids: readonly number[]): Promise<number[]> {
    const decoding = model.open(1, 'logProbs');
    const out: number[] = [];
    for (let t = 0; t + 1 < ids.length; t++) {
      const law = await decoding.step(Int32Array.of(ids[t]));
      out.push(law[ids[t + 1] === model.endTarget ? model.config.vocabulary : ids[t + 1]]);
    }
    return out;
  }

  test('step by step and all at once agree', async () => {
    const model = decoder(kind);
    const ids = [...IDS, 3];
    const whole = await model.score(
      Int32Array.from(ids.slice(0, -1)),
      Int32Array.from(ids.slice(1)),
      1,
      ids.length - 1,
    );
    const steps = await stepped(model, ids);
    steps.forEach((value, t) => expect(value).toBeCloseTo(whole[t], 5));
  });

  test('rows are laws, and the end has the last column', async () => {
    const model = decoder(kind);
    const p = (await model.open(2, 'probabilities').step(Int32Array.of(3, 7))).slice();
    for (const row of [p.subarray(0, 12), p.subarray(12)]) {
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      expect(row[3]).toBe(0);
    }
    const logs = await model.open(2, 'logProbs').step(Int32Array.of(3, 7));
    logs.forEach((value, i) => expect(Math.exp(value)).toBeCloseTo(p[i], 6));
  });

  test('a reordered row continues its ancestor', async () => {
    const model = decoder(kind);
    const both = model.open(2, 'logProbs');
    await both.step(Int32Array.of(3, 3));
    await both.step(Int32Array.of(5, 6));
    await both.reorder(Int32Array.of(1, 1, 0));
    const after = (await both.step(Int32Array.of(1, 1, 1))).slice();
    const alone = model.open(1, 'logProbs');
    for (const id of [3, 6]) await alone.step(Int32Array.of(id));
    const expected = await alone.step(Int32Array.of(1));
    expected.forEach((value, v) => {
      if (value === -Infinity) return;
      expect(after[v]).toBeCloseTo(value, 5);
      expect(after[12 + v]).toBeCloseTo(value, 5);
      if (v === 0) expect(Math.abs(after[24 + v] - value)).toBeGreaterThan(1e-4);
    });
  });

  test('frozen and trainable weights give the same numbers', async () => {
    const ids = Int32Array.from(IDS);
    const score = (trainable: boolean) => decoder(kind, trainable).score(ids.slice(0, 6), ids.slice(1), 2, 3);
    const [frozen, trainable] = [await score(false), await score(true)];
    frozen.forEach((value, i) => expect(value).toBeCloseTo(trainable[i], 5));
  });
});
