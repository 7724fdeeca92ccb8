import { fail, type PostError } from '@postulate/graph';

/** Bytes of one number of each type that the format knows. */
const ITEM_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  C64: 8,
} as const;

export type StoredType = keyof typeof ITEM_BYTES;

/** Where an array of weights lies. */
export interface StoredTensor {
  readonly type: StoredType;
  readonly shape: readonly number[];
  /** Numbers in it: the product of `shape`. */
  readonly length: number;
  /** The file, and the first byte in it. */
  readonly file: string;
  readonly start: number;
  readonly bytes: number;
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** First bytes of a file: the length of the header as a 64-bit little-endian number. */
export const LENGTH_BYTES = 8;
const MOST_HEADER_BYTES = 100_000_000;

export function damaged(file: string, what: string, cause?: unknown): PostError {
  return fail('P510', `the weights file "${file}" ${what}.`, {
    kind: 'outside',
    help: 'fetch or write the file again; a download that was cut off is the usual cause.',
    cause,
  });
}

/** The length of the header, from the first eight bytes. P510 where it cannot be one. */
export function headerLength(file: string, first: Buffer, fileBytes: number): number {
  if (first.length < LENGTH_BYTES)
    throw damaged(file, `has ${fileBytes} bytes, too few to be in the safetensors format`);
  const length = Number(first.readBigUInt64LE(0));
  if (length > MOST_HEADER_BYTES) {
    throw damaged(file, 'is not in the safetensors format, or its header is longer than 100 MB');
  }
  if (length + LENGTH_BYTES > fileBytes) {
    throw damaged(file, `is cut off: its header should have ${length} bytes, but the file has ${fileBytes} in all`);
  }
  return length;
}

/**
 * What a header says of its file, checked: known types, shapes that fit their bytes, and arrays that fill the rest of the file without
 * holes or overlap. P510 where that is not so.
 */
export function parseHeader(file: string, json: Buffer, fileBytes: number): SafetensorsHeader {
  const header = parseObject(file, json);
  const base = LENGTH_BYTES + json.length;
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name !== '__metadata__') tensors.set(name, tensorOf(file, base, name, entry));
  }
  checkLayout(file, base, fileBytes, tensors);
  return { tensors, metadata: metadataOf(file, header['__metadata__']) };
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseObject(file: string, json: Buffer): Json {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
    if (isObject(value)) return value;
  } catch (cause) {
    throw damaged(file, 'has a header that is not JSON', cause);
  }
  throw damaged(file, 'has a header that is not a JSON object');
}

function metadataOf(file: string, value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (isObject(value) && Object.values(value).every((v) => typeof v === 'string'))
    return value as Record<string, string>;
  throw damaged(file, 'has metadata that are not strings by name');
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function tensorOf(file: string, base: number, name: string, entry: unknown): StoredTensor {
  const of = `the array ${JSON.stringify(name)}`;
  const { dtype: type, shape, data_offsets: offsets } = isObject(entry) ? entry : {};
  if (typeof type !== 'string' || !Object.hasOwn(ITEM_BYTES, type)) {
    throw damaged(file, `gives ${of} the type ${JSON.stringify(type)}, which is unknown`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) throw damaged(file, `gives ${of} no shape of whole numbers`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1]) {
    throw damaged(file, `gives ${of} no place in the file`);
  }
  const length = shape.reduce((product, n) => product * n, 1);
  const bytes = offsets[1] - offsets[0];
  const expected = length * ITEM_BYTES[type as StoredType];
  if (bytes !== expected) {
    throw damaged(
      file,
      `gives ${of} of shape [${shape.join(', ')}] in ${type} ${bytes} bytes, but it needs ${expected}`,
    );
  }
  return { type: type as StoredType, shape, length, file, start: base + offsets[0], bytes };
}

function checkLayout(file: string, base: number, fileBytes: number, tensors: ReadonlyMap<string, StoredTensor>): void {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.bytes - b.bytes);
  let end = base;
  for (const [name, { start, bytes }] of inOrder) {
    const what = start < end ? 'overlaps the one before it' : 'leaves a hole in front of it';
    if (start !== end) throw damaged(file, `is damaged: the array ${JSON.stringify(name)} ${what}`);
    end += bytes;
  }
  if (end > fileBytes) throw damaged(file, `is cut off: it should have ${end} bytes, but has ${fileBytes}`);
  if (end < fileBytes) throw damaged(file, `has ${fileBytes - end} bytes more than its header tells of`);
}
