import { writeModelFolder } from '../../src/training/model-folder.ts';
import { TINY_CONFIGS, TINY_END, TINY_TOKENIZER, tinyWeights } from './tiny-decoders.ts';

/** Writes a small decoder of random weights as a model folder that `lm` reads. */
export function writeTinyFolder(folder: string, family: 'gpt2' | 'llama' = 'gpt2', seed = 1): Promise<void> {
  const config = TINY_CONFIGS[family];
  const weights = tinyWeights(config, seed);
  return writeModelFolder(folder, {
    ...{ config, weights, tokenizer: TINY_TOKENIZER, end: TINY_END, type: 'F32', card: '# tiny\n' },
  });
}
