import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { Journal } from '../api/types.ts';
import { appendAll, readUpTo } from './bytes.ts';

const MAGIC = Buffer.from('postulate-chunks-1\n');
/** Before each result: its length, the checksum of all that follows, member, index and checksum of the input. */
const HEADER = 20;

interface Place {
  readonly at: number;
  readonly length: number;
}

const keyOf = (member: number, index: number, input: number): string => `${member} ${index} ${input}`;

const inputSum = (input: unknown): number => (input === undefined ? 0 : crc32(serialize(input)));

/**
 * Results of chunks in a file, as they are finished, in any order. Each record carries a checksum; from the first one
 * that is not whole on, as a killed process leaves it, the file is cut off.
 */
export class JournalFile implements Journal {
  private readonly fd: number;
  private readonly places = new Map<string, Place>();
  private end: number;

  constructor(path: string) {
    this.fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
    const { size } = fstatSync(this.fd);
    this.end = this.scan(size);
    if (this.end < size) ftruncateSync(this.fd, this.end);
    if (this.end > 0) return;
    appendAll(this.fd, MAGIC, 0);
    this.end = MAGIC.length;
  }

  get size(): number {
    return this.places.size;
  }

  has(member: number, index: number): boolean {
    return this.places.has(keyOf(member, index, 0));
  }

  find(member: number, index: number, input: unknown): { readonly result: unknown } | undefined {
    const place = this.places.get(keyOf(member, index, inputSum(input)));
    if (place === undefined) return undefined;
    return { result: deserialize(readUpTo(this.fd, place.length, place.at)) };
  }

  keep(member: number, index: number, input: unknown, result: unknown): void {
    const sum = inputSum(input);
    const key = keyOf(member, index, sum);
    if (this.places.has(key)) return;
    const payload = serialize(result);
    const record = Buffer.alloc(HEADER + payload.length);
    record.writeUInt32LE(payload.length, 0);
    [member, index, sum].forEach((x, i) => record.writeUInt32LE(x, 8 + 4 * i));
    payload.copy(record, HEADER);
    record.writeUInt32LE(crc32(record.subarray(8)), 4);
    appendAll(this.fd, record, this.end);
    this.places.set(key, { at: this.end + HEADER, length: payload.length });
    this.end += record.length;
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Reads the places of whole records and returns where they end. */
  private scan(size: number): number {
    if (!readUpTo(this.fd, MAGIC.length, 0).equals(MAGIC)) return 0;
    let at = MAGIC.length;
    while (at + HEADER <= size) {
      const length = readUpTo(this.fd, 4, at).readUInt32LE();
      const record = length <= size - at - HEADER ? readUpTo(this.fd, HEADER + length, at) : undefined;
      if (record === undefined || record.length < HEADER + length) break;
      if (crc32(record.subarray(8)) !== record.readUInt32LE(4)) break;
      const [member, index, sum] = [8, 12, 16].map((i) => record.readUInt32LE(i));
      this.places.set(keyOf(member, index, sum), { at: at + HEADER, length });
      at += HEADER + length;
    }
    return at;
  }
}
