import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '@postulate/graph';
import { decodeText, readBytes } from '../data/text-file.ts';
import { isJsonObject, type Json } from '../tokenizer/tokenizer-file.ts';

/** A JSON object in a file of a model folder; `undefined` where there is no such file, P511 where it holds something else. */
export async function folderJson(folder: string, name: string): Promise<Json | undefined> {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  const value = parsed(path, decodeText(await readBytes(path, path, 'model file'), path, 'model file'));
  if (isJsonObject(value)) return value;
  throw fail('P511', `"${path}" does not hold a JSON object.`, { kind: 'outside' });
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fail('P511', `"${path}" is not JSON: ${(cause as Error).message}.`, { kind: 'outside', cause });
  }
}
