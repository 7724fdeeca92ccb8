import { encodeSafetensors, trainBpe } from '../../src/index.ts';

const TOKENIZER = trainBpe(['a cat', 'a cat'], 300);
export const TINY_SIZE = Object.keys(TOKENIZER.model.vocab).length;

/** Files of a model folder that has all it needs, with weights that mean nothing. */
export function tinyFiles(): Readonly<Record<string, string | Uint8Array>> {
  return {
    'config.json': JSON.stringify({ model_type: 'gpt2', vocab_size: TINY_SIZE, eos_token_id: TINY_SIZE - 1 }),
    'tokenizer.json': JSON.stringify(TOKENIZER),
    'model.safetensors': encodeSafetensors([{ name: 'wte.weight', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]),
  };
}
