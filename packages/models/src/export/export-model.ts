import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail } from '@postulate/graph';
import { readModelFolder } from '../hub/model-folder.ts';
import { fetched, lmSource } from '../lm/source.ts';
import type { TokenizerJson } from '../tokenizer/index.ts';
import { decoderConfig } from '../transformer/config.ts';
import { baseParameters } from '../transformer/parameters.ts';
import { readWeights } from '../transformer/read-weights.ts';
import { encodeGguf } from './gguf/index.ts';
import { encodeOnnx } from './onnx/index.ts';

export const EXPORT_FORMATS = ['gguf', 'onnx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Width of the weights of a GGUF file; ONNX exports are f32. */
  readonly type?: 'f32' | 'f16';
  /** The file (GGUF) or folder (ONNX) to write. */
  readonly out: string;
}

/** Copied beside an ONNX export: what its readers need of the folder. */
const DESCRIPTION = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'generation_config.json'];

/**
 * Writes the model that `lm(source)` means for other programs; gives the files written. P533 for sources that are no model folders, and
 * the errors of reading one.
 */
export async function exportModel(
  source: string,
  directory: string,
  options: ExportOptions,
): Promise<readonly string[]> {
  const found = await fetched(lmSource(source, directory), {});
  if (found.kind !== 'folder') {
    throw fail('P533', `only bundled models and model folders can be exported, not "${source}".`);
  }
  const folder = await readModelFolder(found.path);
  const config = decoderConfig(folder.config, found.path);
  const weights = await readWeights(folder.weights, baseParameters(config), found.path);
  if (options.format === 'onnx') return writeOnnx(found.path, encodeOnnx(config, weights), options.out);
  const tokenizer = JSON.parse(await readFile(join(found.path, 'tokenizer.json'), 'utf8')) as TokenizerJson;
  const [end] = folder.tokenizer.special.ends;
  if (end === undefined) throw fail('P511', `"${found.path}" names no token that ends a text.`, { kind: 'outside' });
  const bytes = encodeGguf({ name: source, config, weights, tokenizer, end }, options.type ?? 'f16');
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, bytes);
  return [options.out];
}

async function writeOnnx(folder: string, bytes: Uint8Array, out: string): Promise<readonly string[]> {
  await mkdir(join(out, 'onnx'), { recursive: true });
  const copied = DESCRIPTION.filter((name) => existsSync(join(folder, name)));
  await Promise.all(copied.map((name) => copyFile(join(folder, name), join(out, name))));
  const file = join(out, 'onnx', 'model.onnx');
  await writeFile(file, bytes);
  return [...copied.map((name) => join(out, name)), file];
}
