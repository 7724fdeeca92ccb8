import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fail } from '@postulate/graph';
import type * as Library from '@huggingface/transformers';
import { slots } from '../slots.ts';
import { optionalPackage } from '../optional.ts';

/** Rows of numbers as the library's tensors hold them. */
export interface LibraryTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** One call of the decoder: `logits` and `present.N.key|value`. */
export type Forward = (inputs: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, LibraryTensor>>>;

export interface LoadedDecoder {
  readonly forward: Forward;
  readonly Tensor: typeof Library.Tensor;
  /** The file that was read. */
  readonly file: string;
}

/** Files of an export, the most precise first, and how the library calls them. */
const FILES = [
  ['model.onnx', 'fp32'],
  ['model_fp16.onnx', 'fp16'],
  ['model_quantized.onnx', 'q8'],
  ['model_q4.onnx', 'q4'],
] as const;

/** The export that a folder holds, if it does. */
export function exportOf(folder: string): (typeof FILES)[number] | undefined {
  return FILES.find(([name]) => existsSync(join(folder, 'onnx', name)));
}

/** The library keeps where models lie in one place for all. */
const alone = slots(1);

/** Opens an ONNX export; nothing is ever fetched. Errors: P511 where there is none, P532 where the library is missing, P520 where it refuses. */
export async function loadDecoder(folder: string): Promise<LoadedDecoder> {
  const found = exportOf(folder);
  if (found === undefined) throw fail('P511', `there is no onnx/model.onnx in "${folder}".`, { kind: 'outside' });
  const library = await optionalPackage(
    '@huggingface/transformers',
    'folders of ONNX exports',
    () => import('@huggingface/transformers'),
  );
  const model = await alone(async () => {
    const { env, AutoModelForCausalLM } = library;
    env.allowRemoteModels = false;
    env.allowLocalModels = true;
    env.localModelPath = dirname(folder);
    return AutoModelForCausalLM.from_pretrained(basename(folder), {
      dtype: found[1],
      device: 'cpu',
      local_files_only: true,
    });
  }).catch((cause: Error) => {
    throw fail('P520', `"${folder}": the ONNX export cannot be loaded: ${cause.message}`, { kind: 'outside', cause });
  });
  return { forward: model as unknown as Forward, Tensor: library.Tensor, file: join(folder, 'onnx', found[0]) };
}
