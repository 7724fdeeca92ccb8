/** Numbers that say how a value of GGUF's metadata is stored. */
const KIND = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;

export type GgufValue =
  | { readonly kind: 'uint32' | 'float32'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'int32s'; readonly value: readonly number[] };

export const uint32 = (value: number): GgufValue => ({ kind: 'uint32', value });
export const float32 = (value: number): GgufValue => ({ kind: 'float32', value });
export const bool = (value: boolean): GgufValue => ({ kind: 'bool', value });
export const string = (value: string): GgufValue => ({ kind: 'string', value });

export interface GgufTensor {
  readonly name: string;
  /** Rows first, as in the Hugging Face layout; the file has them the other way round. */
  readonly shape: readonly number[];
  readonly type: 'f32' | 'f16';
  /** Little-endian, row by row. */
  readonly bytes: Uint8Array;
}

const ALIGNMENT = 32;
const VERSION = 3;
const TENSOR_TYPE = { f32: 0, f16: 1 } as const;

/** Bytes that are written one after the other. */
class Writer {
  readonly #parts: Uint8Array[] = [];
  length = 0;

  bytes(part: Uint8Array): this {
    this.#parts.push(part);
    this.length += part.byteLength;
    return this;
  }

  u32 = (value: number): this => this.#with(4, (view) => view.setUint32(0, value, true));
  i32 = (value: number): this => this.#with(4, (view) => view.setInt32(0, value, true));
  f32 = (value: number): this => this.#with(4, (view) => view.setFloat32(0, value, true));
  u64 = (value: number): this => this.#with(8, (view) => view.setBigUint64(0, BigInt(value), true));

  #with(size: number, write: (view: DataView) => void): this {
    const part = new Uint8Array(size);
    write(new DataView(part.buffer));
    return this.bytes(part);
  }

  string(text: string): this {
    const utf8 = Buffer.from(text, 'utf8');
    return this.u64(utf8.byteLength).bytes(utf8);
  }

  pad(): this {
    return this.bytes(new Uint8Array((ALIGNMENT - (this.length % ALIGNMENT)) % ALIGNMENT));
  }

  joined(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}

function writeValue(writer: Writer, given: GgufValue): void {
  switch (given.kind) {
    case 'uint32':
      writer.u32(KIND.uint32).u32(given.value);
      return;
    case 'float32':
      writer.u32(KIND.float32).f32(given.value);
      return;
    case 'bool':
      writer.u32(KIND.bool).bytes(Uint8Array.of(given.value ? 1 : 0));
      return;
    case 'string':
      writer.u32(KIND.string).string(given.value);
      return;
    case 'strings':
      writer.u32(KIND.array).u32(KIND.string).u64(given.value.length);
      for (const text of given.value) writer.string(text);
      return;
    case 'int32s':
      writer.u32(KIND.array).u32(KIND.int32).u64(given.value.length);
      for (const value of given.value) writer.i32(value);
      return;
    default:
      given satisfies never;
  }
}

const aligned = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

/** A GGUF file, version 3: what is known of the model, then where its arrays are, then the arrays. */
export function ggufFile(metadata: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Uint8Array {
  const entries = Object.entries(metadata);
  const writer = new Writer().bytes(Buffer.from('GGUF')).u32(VERSION).u64(tensors.length).u64(entries.length);
  for (const [key, value] of entries) {
    writer.string(key);
    writeValue(writer, value);
  }
  let offset = 0;
  for (const { name, shape, type, bytes } of tensors) {
    writer.string(name).u32(shape.length);
    for (const size of [...shape].reverse()) writer.u64(size);
    writer.u32(TENSOR_TYPE[type]).u64(offset);
    offset = aligned(offset + bytes.byteLength);
  }
  writer.pad();
  for (const { bytes } of tensors) writer.bytes(bytes).pad();
  return writer.joined();
}
