import { type TokenizerJson, trainBpe } from '../../src/tokenizer/index.ts';
import { initialise } from '../../src/training/initialise.ts';
import type { DecoderConfig } from '../../src/transformer/config.ts';
import { baseParameters } from '../../src/transformer/parameters.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';
import { referenceGpt2 } from './reference-gpt2.ts';
import { referenceLlama } from './reference-llama.ts';

const TEXTS = [
  'the cat sat on the mat',
  'the hat of the cat is on the mat',
  'a cat and a hat, that is that',
  'ça va, naïve café',
];

/** A small byte-level tokenizer; its last token begins and ends texts. */
export const TINY_TOKENIZER: TokenizerJson = trainBpe([...TEXTS, ...TEXTS], 270);
export const TINY_SIZE = Object.keys(TINY_TOKENIZER.model.vocab).length;
export const TINY_END = TINY_SIZE - 1;

const COMMON = { vocabulary: TINY_SIZE, layers: 2, heads: 4, headSize: 8, width: 32, positions: 64, epsilon: 1e-5 };

export const TINY_CONFIGS: Readonly<Record<'gpt2' | 'llama', DecoderConfig>> = {
  gpt2: { ...COMMON, family: 'gpt2', keyHeads: 4, hidden: 96, activation: 'geluTanh', rotaryBase: 0, tied: true },
  llama: { ...COMMON, family: 'llama', keyHeads: 2, hidden: 80, activation: 'silu', rotaryBase: 10_000, tied: false },
};

/** Random weights, wide enough for laws that are far from uniform, biases and norms moved off their starts. */
export function tinyWeights(config: DecoderConfig, seed = 1): Map<string, Float32Array> {
  const parameters = baseParameters(config).map((p) => ({ ...p, initial: p.shape.length === 2 ? 0.15 : 0.2 }));
  const weights = initialise(parameters, seededChooser(seed));
  for (const { name, initial } of baseParameters(config)) {
    if (initial === 'ones') weights.set(name, weights.get(name)!.map((x) => 1 + x)); // prettier-ignore
  }
  return weights;
}

/** The reference's law after each of `ids`, the end's column last: rows of V + 1 log-probabilities. */
export function referenceLaws(
  config: DecoderConfig,
  weights: ReadonlyMap<string, Float32Array>,
  ids: readonly number[],
) {
  const rows = (config.family === 'gpt2' ? referenceGpt2 : referenceLlama)(config, weights, ids);
  return rows.map((row) => [...row.map((x, w) => (w === TINY_END ? -Infinity : x)), row[TINY_END]]);
}
