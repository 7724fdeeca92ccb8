import { open } from 'node:fs/promises';
import { fail, type PostError } from '@postulate/graph';

/** Metadata of a GGUF file by its full keys. */
export type GgufMetadata = ReadonlyMap<string, unknown>;

/** More than any header needs: token lists take a few megabytes. */
const MOST_HEADER = 256 * 2 ** 20;
const FIRST_READ = 2 ** 20;
const ALIGNMENT = 32n;

/** The file ends before the header does. */
class TooShort extends Error {}

/** Reads little-endian values one after the other. */
class Cursor {
  #at = 0;
  readonly #view: DataView;

  constructor(private readonly bytes: Buffer) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get at(): number {
    return this.#at;
  }

  #take(size: number): number {
    if (this.#at + size > this.bytes.length) throw new TooShort();
    const from = this.#at;
    this.#at += size;
    return from;
  }

  u32 = (): number => this.#view.getUint32(this.#take(4), true);
  u64 = (): bigint => this.#view.getBigUint64(this.#take(8), true);

  string(): string {
    const size = Number(this.u64());
    const from = this.#take(size);
    return this.bytes.toString('utf8', from, from + size);
  }

  /** A value of one of the format's kinds. */
  value(kind: number): unknown {
    const view = this.#view;
    switch (kind) {
      case 0:
        return view.getUint8(this.#take(1));
      case 1:
        return view.getInt8(this.#take(1));
      case 2:
        return view.getUint16(this.#take(2), true);
      case 3:
        return view.getInt16(this.#take(2), true);
      case 4:
        return this.u32();
      case 5:
        return view.getInt32(this.#take(4), true);
      case 6:
        return view.getFloat32(this.#take(4), true);
      case 7:
        return view.getUint8(this.#take(1)) !== 0;
      case 8:
        return this.string();
      case 9:
        return this.#list();
      case 10:
        return Number(this.u64());
      case 11:
        return Number(view.getBigInt64(this.#take(8), true));
      case 12:
        return view.getFloat64(this.#take(8), true);
      default:
        throw new RangeError(`a value of the unknown kind ${kind}`);
    }
  }

  #list(): readonly unknown[] {
    const kind = this.u32();
    const size = Number(this.u64());
    const list: unknown[] = [];
    for (let i = 0; i < size; i++) list.push(this.value(kind));
    return list;
  }
}

function parsed(bytes: Buffer): { readonly metadata: GgufMetadata; readonly least: bigint } {
  if (bytes.toString('latin1', 0, 4) !== 'GGUF') throw new RangeError('it does not begin with "GGUF"');
  const cursor = new Cursor(bytes);
  cursor.u32();
  const version = cursor.u32();
  if (version !== 2 && version !== 3) throw new RangeError(`its version is ${version}`);
  const [tensors, entries] = [cursor.u64(), cursor.u64()];
  const metadata = new Map<string, unknown>();
  for (let i = 0n; i < entries; i++) metadata.set(cursor.string(), cursor.value(cursor.u32()));
  let last = 0n;
  for (let i = 0n; i < tensors; i++) {
    cursor.string();
    const dimensions = cursor.u32();
    for (let d = 0; d < dimensions; d++) cursor.u64();
    cursor.u32();
    const offset = cursor.u64();
    if (offset > last) last = offset;
  }
  const start = ((BigInt(cursor.at) + ALIGNMENT - 1n) / ALIGNMENT) * ALIGNMENT;
  return { metadata, least: start + last };
}

/** What a GGUF file says of its model. Errors: P500 where there is no such file, P510 where it is no GGUF file or is cut off. */
export async function ggufMetadata(path: string): Promise<GgufMetadata> {
  const file = await open(path).catch((cause: Error) => {
    throw fail('P500', `${path} cannot be read: ${cause.message}`, { kind: 'outside', cause });
  });
  try {
    const { size } = await file.stat();
    for (let length = Math.min(FIRST_READ, size); ; length = Math.min(length * 4, size)) {
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, 0);
      try {
        const { metadata, least } = parsed(buffer);
        if (least >= BigInt(size)) throw damaged(path, 'it ends before its last array begins');
        return metadata;
      } catch (error) {
        if (error instanceof RangeError) throw damaged(path, error.message);
        if (!(error instanceof TooShort)) throw error;
        if (length === size || length > MOST_HEADER) throw damaged(path, 'it ends within its header');
      }
    }
  } finally {
    await file.close();
  }
}

function damaged(path: string, why: string): PostError {
  return fail('P510', `${path} is no GGUF file that can be read: ${why}.`, { kind: 'outside' });
}
