import { crc32 } from 'node:zlib';
import type { StoredArray, StoredArrays } from './array-store.ts';

/** First bytes of a file; changes whenever the layout does. */
const MAGIC = 'postulate-arrays-1\n';
const ALIGNMENT = 8;

interface Section {
  readonly name: string;
  readonly type: 'i32' | 'f32' | 'f64' | 'u8';
  readonly offset: number;
  readonly bytes: number;
}

interface Header {
  /** Numbers are stored as this machine has them. */
  readonly littleEndian: boolean;
  readonly total: number;
  readonly checksum: number;
  readonly sections: readonly Section[];
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function aligned(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

function typeOf(array: StoredArray): Section['type'] {
  if (array instanceof Int32Array) return 'i32';
  if (array instanceof Float32Array) return 'f32';
  return array instanceof Float64Array ? 'f64' : 'u8';
}

function bytesOf(array: StoredArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Layout: magic, length of the header (8 digits), header as JSON padded to 8 bytes, then the arrays, each on 8 bytes. */
export function packArrays(arrays: StoredArrays): Uint8Array {
  const sections: Section[] = [];
  let total = 0;
  for (const [name, array] of Object.entries(arrays)) {
    sections.push({ name, type: typeOf(array), offset: total, bytes: array.byteLength });
    total += aligned(array.byteLength);
  }
  const payload = new Uint8Array(total);
  for (const { name, offset } of sections) payload.set(bytesOf(arrays[name]), offset);
  const header: Header = { littleEndian: LITTLE_ENDIAN, total, checksum: crc32(payload), sections };
  const json = JSON.stringify(header);
  const start = aligned(MAGIC.length + 8 + Buffer.byteLength(json));
  const padded = json + ' '.repeat(start - MAGIC.length - 8 - Buffer.byteLength(json));
  return Buffer.concat([Buffer.from(MAGIC + String(padded.length).padStart(8, '0') + padded), payload]);
}

/** Views into the file's bytes. `undefined` where the layout, the size or the checksum is not as it should be. */
export function unpackArrays(file: Buffer): StoredArrays | undefined {
  if (file.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  const length = Number(file.toString('latin1', MAGIC.length, MAGIC.length + 8));
  const start = MAGIC.length + 8 + length;
  if (!Number.isInteger(length) || start > file.length) return undefined;
  const header = JSON.parse(file.toString('utf8', MAGIC.length + 8, start)) as Header;
  if (header.littleEndian !== LITTLE_ENDIAN || file.length !== start + header.total) return undefined;
  const base = file.byteOffset + start;
  // Views need their alignment; a small file may lie anywhere in a pool.
  const payload =
    base % ALIGNMENT === 0 ? new Uint8Array(file.buffer, base, header.total) : Uint8Array.from(file.subarray(start));
  if (crc32(payload) !== header.checksum) return undefined;
  return Object.fromEntries(header.sections.map((section) => [section.name, view(payload, section)]));
}

function view(payload: Uint8Array, { type, offset, bytes }: Section): StoredArray {
  const at = payload.byteOffset + offset;
  switch (type) {
    case 'i32':
      return new Int32Array(payload.buffer, at, bytes / 4);
    case 'f32':
      return new Float32Array(payload.buffer, at, bytes / 4);
    case 'f64':
      return new Float64Array(payload.buffer, at, bytes / 8);
    case 'u8':
      return new Uint8Array(payload.buffer, at, bytes);
    default:
      return type satisfies never;
  }
}
