import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGguf } from '../../src/export/gguf/index.ts';
import { encodeOnnx } from '../../src/export/onnx/index.ts';
import { type LanguageModel, packSequences, type SequenceBatch } from '../../src/index.ts';
import { bindLm } from '../../src/lm/bind-lm.ts';
import { neuralModel } from '../../src/neural/index.ts';
import type { Shaping } from '../../src/priors/shaping.ts';
import { ggufPrior } from '../../src/runtimes/llama-cpp/index.ts';
import { connect, serverPrior } from '../../src/runtimes/server/index.ts';
import { chooseRuntime } from '../../src/tensor/choose-runtime.ts';
import type { TensorRuntime } from '../../src/tensor/index.ts';
import type { TokenizerJson } from '../../src/tokenizer/index.ts';
import { initialise } from '../../src/training/initialise.ts';
import { causalDecoder } from '../../src/transformer/causal-decoder.ts';
import type { DecoderConfig } from '../../src/transformer/config.ts';
import { Decoder } from '../../src/transformer/decoder.ts';
import { huggingFaceConfig } from '../../src/transformer/hugging-face-config.ts';
import { baseParameters } from '../../src/transformer/parameters.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';
import { keys } from '../priors/support.ts';
import { runtimeOf } from '../tensor/runtimes.ts';
import { serving } from '../support/serving.ts';
import { TINY_TOKENIZER } from '../support/tiny-decoders.ts';

/** Four letters and the end; texts of at most five tokens. */
const END = 4;
const LENGTH = 5;
const TOKENS = ['a', 'b', 'c', 'd', '<|endoftext|>'];
const VOCABULARY = { size: TOKENS.length, tokens: TOKENS, separator: '' };
const TOKENIZER: TokenizerJson = {
  ...TINY_TOKENIZER,
  added_tokens: TINY_TOKENIZER.added_tokens.map((token) => ({ ...token, id: END })),
  model: { ...TINY_TOKENIZER.model, vocab: Object.fromEntries(TOKENS.map((t, i) => [t, i])), merges: [] },
};
const CONFIG: DecoderConfig = {
  ...{ family: 'llama', vocabulary: 5, width: 32, layers: 2, heads: 4, keyHeads: 2, headSize: 8, hidden: 64 },
  ...{ activation: 'silu', positions: 16, epsilon: 1e-5, rotaryBase: 10_000, tied: false },
};
const WEIGHTS = initialise(
  baseParameters(CONFIG).map((p) => ({ ...p, initial: p.initial === 'ones' ? p.initial : 0.2 })),
  seededChooser(7),
);
const SHAPINGS: readonly Shaping[] = [{}, { temperature: 0.7 }, { temperature: 0.7, topK: 4, topP: 0.9 }];

const FOLDER = mkdtempSync(join(tmpdir(), 'postulate-toy-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));
beforeAll(() => {
  const model = { name: 'toy', config: CONFIG, weights: WEIGHTS, tokenizer: TOKENIZER, end: END };
  writeFileSync(join(FOLDER, 'toy.gguf'), encodeGguf(model, 'f32'));
  mkdirSync(join(FOLDER, 'export', 'onnx'), { recursive: true });
  writeFileSync(join(FOLDER, 'export', 'onnx', 'model.onnx'), encodeOnnx(CONFIG, WEIGHTS));
  writeFileSync(join(FOLDER, 'export', 'config.json'), JSON.stringify(huggingFaceConfig(CONFIG, END, 'float32')));
  writeFileSync(join(FOLDER, 'export', 'tokenizer.json'), JSON.stringify(TOKENIZER));
});

/** Every sequence of at most LENGTH tokens that a forced stop allows. */
function everySequence(size: number): SequenceBatch {
  const whole: number[][] = [];
  const grow = (prefix: number[]): void => {
    whole.push(prefix);
    if (prefix.length < LENGTH) for (let v = 0; v < size; v++) if (v !== END) grow([...prefix, v]);
  };
  grow([]);
  return packSequences(whole, whole.map((s) => s.length < LENGTH)); // prettier-ignore
}

type Open = (shaping: Shaping) => Promise<LanguageModel>;

const onTensors =
  (runtime: () => Promise<TensorRuntime>): Open =>
  async (shaping) => {
    const network = causalDecoder(new Decoder(await runtime(), CONFIG, WEIGHTS, END), 'toy');
    return neuralModel(network, { vocabulary: VOCABULARY, maxTokens: LENGTH, prefix: Int32Array.of(END), shaping });
  };

const plain = onTensors(() => runtimeOf('onnxruntime', 1));

const server: Open = async (shaping) => {
  const long = await neuralModel(
    causalDecoder(new Decoder(await runtimeOf('onnxruntime', 1), CONFIG, WEIGHTS, END), 'toy'),
    { vocabulary: VOCABULARY, maxTokens: 12, prefix: Int32Array.of(END) },
  );
  const { url } = await serving(long, { maxLogprobs: -1 });
  return serverPrior(await connect(url), { maxTokens: LENGTH, shaping });
};

/** What evaluates the toy, and the optional package that it needs. */
const BACKENDS: readonly (readonly [name: string, peer: string | undefined, open: Open])[] = [
  ['onnxruntime-node', undefined, plain],
  [
    'onnxruntime-web',
    'onnxruntime-web',
    onTensors(async () => (await chooseRuntime({ name: 'onnxruntime-web' })).runtime),
  ],
  ['TensorFlow.js cpu', undefined, onTensors(() => runtimeOf('tfjs cpu'))],
  ['TensorFlow.js wasm', undefined, onTensors(() => runtimeOf('tfjs wasm'))],
  [
    'transformers.js',
    '@huggingface/transformers',
    (shaping) => bindLm({ source: join(FOLDER, 'export'), maxTokens: LENGTH, prompt: undefined, shaping }, '/', {}),
  ],
  [
    'llama.cpp',
    'node-llama-cpp',
    (shaping) => ggufPrior(join(FOLDER, 'toy.gguf'), { maxTokens: LENGTH, gpu: false, threads: 1, shaping }),
  ],
  ['a server', undefined, server],
];

async function missing(peer: string | undefined): Promise<boolean> {
  if (peer === undefined) return false;
  return import(/* @vite-ignore */ peer).then(
    () => false,
    () => true,
  );
}

describe.each(BACKENDS)('a toy on %s', (_name, peer, open) => {
  test.for(SHAPINGS)('has total mass 1 and draws what it scores: %j', async (shaping, { skip }) => {
    skip(await missing(peer), `${peer} is not installed`);
    const model = await open(shaping);
    const scores = await model.logProb(everySequence(model.vocabulary.size));
    expect(Math.abs(scores.reduce((mass, x) => mass + Math.exp(x), 0) - 1)).toBeLessThan(1e-6);
    const drawn = await model.sample(300, seededChooser(8));
    const again = await model.logProb(drawn);
    drawn.logProbs.forEach((x, i) => expect(Math.abs(x - again[i])).toBeLessThan(1e-5));
    // The law of onnxruntime: what a backend does wrong to itself would not show above.
    const here = await (await plain(shaping)).logProb(drawn);
    drawn.logProbs.forEach((x, i) => expect(Math.abs(x - here[i])).toBeLessThan(1e-3));
    expect(new Set(keys(model, drawn)).size).toBeGreaterThan(20);
  });
});
