import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { seededChooser } from '../../../inference/src/chooser/index.ts';
import { neuralModel } from '../../src/neural/index.ts';
import { packSequences, type SequenceBatch } from '../../src/port/index.ts';
import { ortRuntime } from '../../src/tensor/ort/runtime.ts';
import { initialise } from '../../src/training/initialise.ts';
import { sequenceGradient } from '../../src/transformer/sequence-gradient.ts';
import { causalDecoder } from '../../src/transformer/causal-decoder.ts';
import { decoderConfig } from '../../src/transformer/config.ts';
import { Decoder } from '../../src/transformer/decoder.ts';
import { parametersOf, trainableOf } from '../../src/transformer/parameters.ts';

const END = 4;
const LENGTH = 5;
const CONFIGS = {
  gpt2: { model_type: 'gpt2', vocab_size: 5, n_embd: 16, n_layer: 2, n_head: 4, n_positions: 8 },
  llama: {
    model_type: 'llama',
    vocab_size: 5,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    intermediate_size: 24,
    max_position_embeddings: 8,
    tie_word_embeddings: true,
  },
};
const VOCABULARY = { size: 5, tokens: ['a', 'b', 'c', 'd', '<end>'], separator: '' };
const runtime = ortRuntime(ort, 'onnxruntime-node', { threads: 1 });

function decoder(kind: keyof typeof CONFIGS, lora = false): Decoder {
  const plain = decoderConfig(CONFIGS[kind], 'test');
  const targets = ['q_proj', 'down_proj', 'c_attn'];
  const config = lora ? { ...plain, lora: { rank: 2, alpha: 4, targets } } : plain;
  const weights = initialise(
    parametersOf(config).map((p) => ({ ...p, initial: p.initial === 'ones' ? p.initial : 0.4 })),
    seededChooser('weights'),
  );
  return new Decoder(runtime, config, weights, END, true);
}

/** Every sequence of at most LENGTH tokens that a forced stop allows. */
function everySequence(): SequenceBatch {
  const whole: number[][] = [];
  const finished: number[] = [];
  const grow = (prefix: number[]): void => {
    whole.push(prefix);
    finished.push(prefix.length < LENGTH ? 1 : 0);
    if (prefix.length < LENGTH) for (let v = 0; v < 4; v++) grow([...prefix, v]);
  };
  grow([]);
  return packSequences(whole, finished);
}

const SHAPINGS = [{}, { temperature: 0.7 }, { temperature: 0.7, topK: 3, topP: 0.8 }];

describe.each(['gpt2', 'llama'] as const)('%s', (kind) => {
  test.each(SHAPINGS)(
    'total mass is 1, and draws have the log-probability that they are given: %o',
    async (shaping) => {
      const network = causalDecoder(decoder(kind), 'toy');
      const prefix = Int32Array.of(END, 2);
      const model = await neuralModel(network, { vocabulary: VOCABULARY, maxTokens: LENGTH, prefix, shaping });
      const scores = await model.logProb(everySequence());
      expect(scores.reduce((mass, s) => mass + Math.exp(s), 0)).toBeCloseTo(1, 6);
      const drawn = await model.sample(200, seededChooser('draws'));
      const again = await model.logProb(drawn);
      drawn.logProbs.forEach((value, i) => expect(Math.abs(value - again[i])).toBeLessThan(1e-5));
    },
  );

  test('rows in one pass are those of decoding; a truncated law has none', async () => {
    const prefix = Int32Array.of(END, 2);
    const parts = { vocabulary: VOCABULARY, maxTokens: LENGTH, prefix };
    const model = await neuralModel(causalDecoder(decoder(kind), 'toy'), parts);
    const rows = await model.rows!(
      packSequences(
        [
          [0, 3, 1],
          [2, 2, 1, 0, 3],
        ],
        [1, 0],
      ),
    );
    const session = model.open(2);
    for (const [t, next] of [
      [0, [0, 2]],
      [1, [3, 2]],
      [2, [1, 1]],
      [3, [0, 0]],
    ] as const) {
      for (let v = 0; v < 6; v++) {
        expect(rows[t * 6 + v]).toBeCloseTo(session.logProbs[v], 5);
        expect(rows[(4 + t) * 6 + v]).toBeCloseTo(session.logProbs[6 + v], 5);
      }
      await session.advance(Int32Array.from(next));
    }
    expect(rows).toHaveLength(9 * 6);
    const cut = await neuralModel(causalDecoder(decoder(kind), 'toy'), { ...parts, shaping: { topK: 2 } });
    expect(cut.rows).toBeUndefined();
  });

  test.each([false, true])('the gradient is the slope of the log-probability, adapters: %s', async (lora) => {
    const model = decoder(kind, lora);
    const batch = packSequences([[0, 3, 1], [2], [1, 1, 0, 2, 3]], [1, 1, 0]);
    const prefixes = [Int32Array.of(END), Int32Array.of(END, 1, 3), Int32Array.of(END)];
    const coefficients = Float64Array.from([0.5, -1, 2, 0.3, 1, -0.7, 0.2, 0.9, -0.4, 0.6, 1.1]);
    const value = async (): Promise<number> => {
      const { logProbs } = await sequenceGradient(model, batch, (i) => prefixes[i], coefficients);
      return logProbs.reduce((sum, logProb, k) => sum + coefficients[k] * logProb, 0);
    };
    const { gradients } = await sequenceGradient(model, batch, (i) => prefixes[i], coefficients);
    for (const { name } of trainableOf(model.config)) {
      const weights = model.weights.get(name) as Float32Array;
      const at = weights.length >> 1;
      const kept = weights[at];
      const difference = async (step: number): Promise<number> => {
        weights[at] = kept + step;
        const above = await value();
        weights[at] = kept - step;
        const below = await value();
        weights[at] = kept;
        return (above - below) / (2 * step);
      };
      // Richardson: what is left is of the fourth order in the step.
      const slope = (4 * (await difference(2e-2)) - (await difference(4e-2))) / 3;
      const gradient = (gradients.get(name) as Float32Array)[at];
      // float32 rounding of a sum of some 20 nats over 2 · step, and what the fourth order leaves.
      expect(Math.abs(gradient - slope)).toBeLessThan(2e-3 + 5e-3 * Math.abs(slope));
    }
  });
});
