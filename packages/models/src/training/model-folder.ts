import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenizerJson } from '../tokenizer/index.ts';
import type { DecoderConfig } from '../transformer/config.ts';
import { huggingFaceConfig } from '../transformer/hugging-face-config.ts';
import { baseParameters } from '../transformer/parameters.ts';
import { writeSafetensors } from '../weights/index.ts';

export interface ModelToWrite {
  readonly config: DecoderConfig;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly tokenizer: TokenizerJson;
  /** The token that starts and ends texts. */
  readonly end: number;
  readonly type: 'F32' | 'F16';
  /** The text of its README. */
  readonly card: string;
}

/** Writes a model in the Hugging Face layout; the weights last, so that a folder with weights is whole. */
export async function writeModelFolder(folder: string, model: ModelToWrite): Promise<void> {
  const { config, weights, tokenizer, end, type, card } = model;
  const text = tokenizer.added_tokens.find(({ id }) => id === end)?.content;
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  await mkdir(folder, { recursive: true });
  const put = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content);
  await put('config.json', json(huggingFaceConfig(config, end, type === 'F16' ? 'float16' : 'float32')));
  await put('tokenizer.json', json(tokenizer));
  await put(
    'tokenizer_config.json',
    json({
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: text,
      eos_token: text,
      model_max_length: config.positions,
      clean_up_tokenization_spaces: false,
    }),
  );
  await put('README.md', card);
  const tensors = baseParameters(config).map(({ name, shape }) => ({
    name,
    shape,
    data: weights.get(name) as Float32Array,
  }));
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, { type, metadata: { format: 'pt' } });
}
