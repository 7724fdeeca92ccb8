import { existsSync, readFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { fail } from '@postulate/graph';
import type { Checkpoint } from '@postulate/inference';
import { putFile } from './bytes.ts';

const MAGIC = Buffer.from('postulate-checkpoint-1\n');

/** Puts a checkpoint in place, whole or not at all: the one before it is there until then. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const payload = serialize(checkpoint);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(payload));
  putFile(path, Buffer.concat([MAGIC, sum, payload]));
}

/** The checkpoint of a folder; undefined where none was written yet. Throws P500 where it is damaged. */
export function readCheckpoint(path: string): Checkpoint | undefined {
  if (!existsSync(path)) return undefined;
  const file = readFileSync(path);
  const payload = file.subarray(MAGIC.length + 4);
  const whole =
    file.subarray(0, MAGIC.length).equals(MAGIC) &&
    file.length > MAGIC.length + 4 &&
    crc32(payload) === file.readUInt32LE(MAGIC.length);
  if (!whole) throw fail('P500', `${path} is damaged: training cannot go on from it.`, { kind: 'outside' });
  return deserialize(payload) as Checkpoint;
}
