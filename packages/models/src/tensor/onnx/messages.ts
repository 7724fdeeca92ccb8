import { Writer } from 'protobufjs/minimal.js';
import type { DataType, Elements } from '../node.ts';
import type { Shape } from '../shape.ts';

/** The few messages of the ONNX format (onnx.proto) that a model needs, as bytes. Field numbers are that file's. */

export type Attribute = number | string | readonly number[] | { readonly float: number };

export interface NodeMessage {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export interface ValueMessage {
  readonly name: string;
  readonly type: DataType | 'int64';
  readonly shape: Shape;
}

export interface TensorMessage {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Elements | BigInt64Array;
}

export interface GraphMessage {
  readonly name: string;
  readonly nodes: readonly NodeMessage[];
  readonly constants: readonly TensorMessage[];
  readonly inputs: readonly ValueMessage[];
  readonly outputs: readonly ValueMessage[];
}

const TYPES = { float32: 1, int32: 6, int64: 7 } as const;
const KINDS = { float: 1, int: 2, string: 3, ints: 7 } as const;
const BYTES = 2;
const VARINT = 0;
const FIXED32 = 5;

const tag = (field: number, wire: number): number => ((field << 3) | wire) >>> 0;

function text(w: Writer, field: number, value: string): Writer {
  return w.uint32(tag(field, BYTES)).string(value);
}

function whole(w: Writer, field: number, value: number): Writer {
  return w.uint32(tag(field, VARINT)).int64(value);
}

function part(w: Writer, field: number, write: (w: Writer) => void): Writer {
  w.uint32(tag(field, BYTES)).fork();
  write(w);
  return w.ldelim();
}

function attribute(w: Writer, name: string, value: Attribute): void {
  text(w, 1, name);
  const kind = (k: keyof typeof KINDS): Writer => whole(w, 20, KINDS[k]);
  if (typeof value === 'number') whole(kind('int'), 3, value);
  else if (typeof value === 'string') text(kind('string'), 4, value);
  else if ('float' in value) kind('float').uint32(tag(2, FIXED32)).float(value.float);
  else for (const [i, v] of value.entries()) whole(i === 0 ? kind('ints') : w, 8, v);
}

function nodeMessage(w: Writer, { type, inputs, outputs, attributes = {} }: NodeMessage): void {
  for (const name of inputs) text(w, 1, name);
  for (const name of outputs) text(w, 2, name);
  text(w, 4, type);
  for (const [name, value] of Object.entries(attributes)) part(w, 5, () => attribute(w, name, value));
}

function tensorMessage(w: Writer, { name, shape, data }: TensorMessage): void {
  for (const d of shape) whole(w, 1, d);
  whole(w, 2, data instanceof Float32Array ? TYPES.float32 : data instanceof Int32Array ? TYPES.int32 : TYPES.int64);
  text(w, 8, name);
  w.uint32(tag(9, BYTES)).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function valueMessage(w: Writer, { name, type, shape }: ValueMessage): void {
  text(w, 1, name);
  const dimensions = (): void => {
    for (const d of shape) part(w, 1, () => (typeof d === 'number' ? whole(w, 1, d) : text(w, 2, d)));
  };
  part(w, 2, () => part(w, 1, () => part(whole(w, 1, TYPES[type]), 2, dimensions)));
}

/** A model file: ONNX version 9 of the format, operator set 20. */
export function modelBytes(graph: GraphMessage): Uint8Array {
  const w = Writer.create();
  whole(w, 1, 9);
  text(w, 2, 'postulate');
  part(w, 7, () => {
    for (const node of graph.nodes) part(w, 1, () => nodeMessage(w, node));
    text(w, 2, graph.name);
    for (const constant of graph.constants) part(w, 5, () => tensorMessage(w, constant));
    for (const value of graph.inputs) part(w, 11, () => valueMessage(w, value));
    for (const value of graph.outputs) part(w, 12, () => valueMessage(w, value));
  });
  part(w, 8, () => whole(text(w, 1, ''), 2, 20));
  return w.finish();
}
