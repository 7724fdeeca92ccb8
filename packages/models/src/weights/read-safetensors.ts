import { open, type FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { fail } from '@postulate/graph';
import { whyUnreadable } from '../data/text-file.ts';
import { bfloatsToFloats, halvesToFloats } from './half.ts';
import {
  damaged,
  headerLength,
  LENGTH_BYTES,
  parseHeader,
  type SafetensorsHeader,
  type StoredTensor,
} from './safetensors-header.ts';
import type { Weights } from './weights.ts';

/** Bytes read at a time: an array of 16-bit numbers needs no second copy of its own size. */
const CHUNK_BYTES = 1 << 24;

/**
 * The weights of one file in the safetensors format. Its header is read and checked now, an array's bytes when the array is asked for.
 * Errors: P500 where the file cannot be read, P510 where it is damaged.
 */
export async function openSafetensors(file: string): Promise<Weights> {
  const { tensors, metadata } = await withFile(file, readHeader);
  return { files: [file], tensors, metadata, read: (name) => readTensor(tensorNamed(tensors, name, file), name) };
}

/** P510 where there is no array of that name. */
export function tensorNamed(tensors: ReadonlyMap<string, StoredTensor>, name: string, file: string): StoredTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw damaged(file, `has no array ${JSON.stringify(name)}`);
  return tensor;
}

async function withFile<T>(file: string, use: (handle: FileHandle, file: string) => Promise<T>): Promise<T> {
  const handle = await open(file).catch((cause: unknown) => {
    throw fail('P500', `cannot read the weights file "${file}": ${whyUnreadable(cause)}.`, { kind: 'outside', cause });
  });
  try {
    return await use(handle, file);
  } finally {
    await handle.close();
  }
}

async function readHeader(handle: FileHandle, file: string): Promise<SafetensorsHeader> {
  const { size } = await handle.stat();
  const first = Buffer.alloc(Math.min(size, LENGTH_BYTES));
  await fill(handle, file, first, 0);
  const json = Buffer.alloc(headerLength(file, first, size));
  await fill(handle, file, json, LENGTH_BYTES);
  return parseHeader(file, json, size);
}

/** Fills `bytes` from byte `start` of the file. */
async function fill(handle: FileHandle, file: string, bytes: Uint8Array, start: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done).catch((cause: unknown) => {
      throw fail('P500', `cannot read the weights file "${file}": ${whyUnreadable(cause)}.`, {
        kind: 'outside',
        cause,
      });
    });
    if (bytesRead === 0) throw damaged(file, 'has become shorter since it was opened');
    done += bytesRead;
  }
}

/** Numbers are stored little-endian; most machines have them so. */
const SWAPS = endianness() === 'BE';

export function readTensor(tensor: StoredTensor, name: string): Promise<Float32Array> {
  const { type, file } = tensor;
  if (type !== 'F32' && type !== 'F16' && type !== 'BF16') {
    throw damaged(file, `has the array ${JSON.stringify(name)} in ${type}; weights must be in F32, F16 or BF16`);
  }
  return withFile(file, (handle) => (type === 'F32' ? readFloats(handle, tensor) : readHalves(handle, tensor)));
}

async function readFloats(handle: FileHandle, { file, start, length }: StoredTensor): Promise<Float32Array> {
  const floats = new Float32Array(length);
  const bytes = Buffer.from(floats.buffer);
  for (let done = 0; done < bytes.length; done += CHUNK_BYTES) {
    await fill(handle, file, bytes.subarray(done, done + CHUNK_BYTES), start + done);
  }
  if (SWAPS) bytes.swap32();
  return floats;
}

async function readHalves(handle: FileHandle, { file, start, length, type }: StoredTensor): Promise<Float32Array> {
  const floats = new Float32Array(length);
  const convert = type === 'F16' ? halvesToFloats : bfloatsToFloats;
  const buffer = new Uint16Array(Math.min(length, CHUNK_BYTES / 2));
  for (let done = 0; done < length; done += buffer.length) {
    const bits = buffer.subarray(0, Math.min(buffer.length, length - done));
    const bytes = Buffer.from(bits.buffer, 0, bits.byteLength);
    await fill(handle, file, bytes, start + 2 * done);
    if (SWAPS) bytes.swap16();
    convert(bits, floats.subarray(done, done + bits.length));
  }
  return floats;
}
