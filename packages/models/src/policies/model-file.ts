import { packArrays, unpackArrays } from '../cache/array-file.ts';
import type { StoredModel } from '../port/index.ts';

/** A stored model as one file: its description as JSON among its arrays, with a checksum over all. */
export function packModel({ kind, meta, arrays }: StoredModel): Uint8Array {
  return packArrays({ ...arrays, [DESCRIPTION]: Buffer.from(JSON.stringify({ kind, meta })) });
}

/** Undefined where the file is not whole. */
export function unpackModel(file: Buffer): StoredModel | undefined {
  const all = unpackArrays(file);
  if (all?.[DESCRIPTION] === undefined) return undefined;
  const { [DESCRIPTION]: description, ...arrays } = all;
  const { kind, meta } = JSON.parse(Buffer.from(description as Uint8Array).toString('utf8')) as StoredModel;
  return { kind, meta, arrays };
}

const DESCRIPTION = '.description';

/** Name of that file in a run folder. */
export const POLICY_FILE = 'policy.bin';
