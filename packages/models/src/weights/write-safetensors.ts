import { open, rename, rm } from 'node:fs/promises';
import { fail, PostError } from '@postulate/graph';
import { floatToHalf } from './half.ts';

/** An array to be stored: numbers row by row, as many as the product of `shape`. */
export interface TensorData {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface SafetensorsOptions {
  /** Default `F32`. */
  readonly type?: 'F32' | 'F16';
  readonly metadata?: Readonly<Record<string, string>>;
}

const ALIGNMENT = 8;

/**
 * A file in the safetensors format, its parts in order: the length of the header, the header, one part an array in the order given.
 * f16 is rounded to the nearest, ties to even; P510 where a finite weight is too large for it.
 */
export function* safetensorsParts(
  tensors: readonly TensorData[],
  options: SafetensorsOptions = {},
): Generator<Uint8Array> {
  const { type = 'F32', metadata } = options;
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  let end = 0;
  for (const { name, shape, data } of tensors) {
    if (Object.hasOwn(header, name) || name === '__metadata__')
      throw new TypeError(`${name} cannot be an array's name`);
    if (shape.reduce((product, n) => product * n, 1) !== data.length) {
      throw new TypeError(`${name} of shape [${shape.join(', ')}] has ${data.length} numbers`);
    }
    const start = end;
    end += data.length * (type === 'F16' ? 2 : 4);
    Object.defineProperty(header, name, {
      value: { dtype: type, shape, data_offsets: [start, end] },
      enumerable: true,
    });
  }
  const json = JSON.stringify(header);
  const length = Math.ceil(Buffer.byteLength(json) / ALIGNMENT) * ALIGNMENT;
  const first = Buffer.alloc(8 + length, ' ');
  first.writeBigUInt64LE(BigInt(length), 0);
  first.write(json, 8);
  yield first;
  for (const tensor of tensors) yield type === 'F16' ? halves(tensor) : floats(tensor);
}

function floats({ data }: TensorData): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4 * data.length));
  for (let i = 0; i < data.length; i++) bytes.setFloat32(4 * i, data[i], true);
  return new Uint8Array(bytes.buffer);
}

function halves({ name, data }: TensorData): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(2 * data.length));
  for (let i = 0; i < data.length; i++) {
    const bits = floatToHalf(data[i]);
    if ((bits & 0x7fff) === 0x7c00 && Number.isFinite(data[i])) {
      throw fail('P510', `a weight of "${name}" is ${data[i]}, which is too large for f16: write f32.`);
    }
    bytes.setUint16(2 * i, bits, true);
  }
  return new Uint8Array(bytes.buffer);
}

/** The whole file as one piece. */
export function encodeSafetensors(tensors: readonly TensorData[], options?: SafetensorsOptions): Uint8Array {
  return Buffer.concat([...safetensorsParts(tensors, options)]);
}

/** Writes the file beside its place and renames it, so that no reader meets half a file. P903 where it cannot. */
export async function writeSafetensors(
  file: string,
  tensors: readonly TensorData[],
  options?: SafetensorsOptions,
): Promise<void> {
  const parts = safetensorsParts(tensors, options);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, 'w');
    try {
      for (const part of parts) await handle.writeFile(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    if (cause instanceof PostError || cause instanceof TypeError) throw cause;
    throw fail('P903', `cannot write the weights file "${file}": ${(cause as Error).message}.`, {
      kind: 'outside',
      cause,
    });
  }
}
