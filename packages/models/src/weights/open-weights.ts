import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, type PostError } from '@postulate/graph';
import { decodeText, readBytes } from '../data/text-file.ts';
import { openSafetensors, readTensor, tensorNamed } from './read-safetensors.ts';
import { damaged, type StoredTensor } from './safetensors-header.ts';
import type { Weights } from './weights.ts';

export const WEIGHTS_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

/** Weights as programs: reading them means running them. */
const PICKLES = /^(pytorch_model.*|.*\.(bin|pt|pth|ckpt|pkl))$/;

/**
 * The weights of a folder in the Hugging Face layout, in one file or in shards. Weights are read, never executed: pickles are refused.
 * Errors: P511 where there are none, P510 and P500 as `openSafetensors`.
 */
export async function openWeights(folder: string): Promise<Weights> {
  if (existsSync(join(folder, WEIGHTS_FILE))) return openSafetensors(join(folder, WEIGHTS_FILE));
  if (existsSync(join(folder, INDEX_FILE))) return openShards(folder);
  throw noWeights(folder, await readdir(folder).catch(() => []));
}

function noWeights(folder: string, names: readonly string[]): PostError {
  const pickle = names.find((name) => PICKLES.test(name));
  if (pickle === undefined) {
    return fail('P511', `the model folder "${folder}" has no weights: neither ${WEIGHTS_FILE} nor ${INDEX_FILE}.`, {
      kind: 'outside',
    });
  }
  return fail(
    'P511',
    `the model folder "${folder}" has its weights in ${pickle} only, which is a program: reading it would run it. ` +
      'Weights are read here, never executed.',
    {
      kind: 'outside',
      help: `write them as ${WEIGHTS_FILE} with the library that made them, on a machine where you trust them.`,
    },
  );
}

async function openShards(folder: string): Promise<Weights> {
  const index = join(folder, INDEX_FILE);
  const places = await readIndex(index);
  const names = [...new Set(places.values())];
  const missing = names.find((name) => !existsSync(join(folder, name)));
  if (missing !== undefined) {
    throw fail('P511', `the model folder "${folder}" lacks ${missing}, which ${INDEX_FILE} names.`, {
      kind: 'outside',
    });
  }
  const shards = new Map<string, Weights>();
  for (const name of names) shards.set(name, await openSafetensors(join(folder, name)));
  const tensors = new Map<string, StoredTensor>();
  for (const [tensor, name] of places) {
    const shard = shards.get(name) as Weights;
    tensors.set(tensor, tensorNamed(shard.tensors, tensor, shard.files[0]));
  }
  return {
    files: names.map((name) => join(folder, name)),
    tensors,
    metadata: Object.assign({}, ...[...shards.values()].map((shard) => shard.metadata)) as Record<string, string>,
    read: (name) => readTensor(tensorNamed(tensors, name, index), name),
  };
}

/** Array → name of its file. Only files of the folder itself are read. */
async function readIndex(index: string): Promise<ReadonlyMap<string, string>> {
  const text = decodeText(await readBytes(index, index, 'index of weights'), index, 'index of weights');
  const map = (parseJson(index, text) as { weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== 'object' || map === null) throw damaged(index, 'has no `weight_map`');
  for (const [tensor, name] of Object.entries(map)) {
    if (typeof name !== 'string' || !/^[\w.-]+\.safetensors$/.test(name)) {
      throw damaged(
        index,
        `places ${JSON.stringify(tensor)} in ${JSON.stringify(name)}, which is no .safetensors file beside it`,
      );
    }
  }
  return new Map(Object.entries(map as Record<string, string>));
}

function parseJson(index: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(index, 'is not JSON', cause);
  }
}
