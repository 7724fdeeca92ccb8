import { stat } from 'node:fs/promises';
import { fail } from '@postulate/graph';
import { describeFolder } from '../../hub/model-folder.ts';
import type { OpenedLm } from '../../lm/opened.ts';
import { contentId } from '../../priors/content-id.ts';
import { loadDecoder } from './load-decoder.ts';
import { onnxNetwork } from './onnx-network.ts';

const POSITIONS = ['max_position_embeddings', 'n_positions', 'n_ctx'] as const;

/**
 * A folder with an ONNX export (`onnx/model.onnx`, `config.json`, `tokenizer.json`), run by `@huggingface/transformers`. Errors: P511 for
 * what is missing, P512 for its tokenizer, P532 where the library is not installed.
 */
export async function openOnnx(path: string): Promise<OpenedLm> {
  const { config, tokenizer, vocabularySize: size } = await describeFolder(path);
  const { ends, begin } = tokenizer.special;
  const [end] = ends;
  if (end === undefined) {
    throw fail('P511', `the model folder "${path}" names no token that ends a text.`, { kind: 'outside' });
  }
  const decoder = await loadDecoder(path);
  const { size: bytes, mtimeMs } = await stat(decoder.file);
  const longest = POSITIONS.map((name) => config[name]).find((value) => typeof value === 'number');
  const columns = { size, ends, never: tokenizer.neverGenerated };
  return {
    network: onnxNetwork(decoder, columns, contentId('onnx', decoder.file, bytes, mtimeMs), longest ?? Infinity),
    vocabulary: tokenizer.vocabulary,
    end,
    begin: Int32Array.of(begin ?? end),
    encode: (text) => tokenizer.encode(text),
  };
}
