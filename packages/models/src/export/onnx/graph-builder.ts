import {
  type Attribute,
  modelBytes,
  type NodeMessage,
  type TensorMessage,
  type ValueMessage,
} from '../../tensor/onnx/messages.ts';

/** ONNX's number for truth values. */
export const BOOL = 9;

/** Collects nodes and constants; every method gives the name of what it makes. */
export class GraphBuilder {
  readonly #nodes: NodeMessage[] = [];
  readonly #constants: TensorMessage[] = [];
  readonly #wholes = new Map<string, string>();

  op(type: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string {
    const output = `_t${this.#nodes.length}`;
    this.#nodes.push({ type, inputs, outputs: [output], ...(attributes && { attributes }) });
    return output;
  }

  floats(name: string, data: Float32Array, shape: readonly number[]): string {
    this.#constants.push({ name, shape, data });
    return name;
  }

  scalar(value: number): string {
    return this.floats(`_f${this.#constants.length}`, Float32Array.of(value), []);
  }

  /** A list of int64; a single number where `values` is one. */
  wholes(values: readonly number[] | number): string {
    const list = typeof values === 'number' ? [values] : values;
    const shape = typeof values === 'number' ? [] : [list.length];
    const key = `${shape.length} ${list.join()}`;
    const known = this.#wholes.get(key);
    if (known !== undefined) return known;
    const name = `_i${this.#constants.length}`;
    this.#constants.push({ name, shape, data: BigInt64Array.from(list, BigInt) });
    this.#wholes.set(key, name);
    return name;
  }

  reshape = (x: string, shape: readonly number[]): string => this.op('Reshape', [x, this.wholes(shape)]);
  transpose = (x: string, perm: readonly number[]): string => this.op('Transpose', [x], { perm });
  unsqueeze = (x: string, axes: readonly number[]): string => this.op('Unsqueeze', [x, this.wholes(axes)]);

  slice(x: string, from: number, to: number, axis: number): string {
    return this.op('Slice', [x, ...[from, to, axis].map((v) => this.wholes([v]))]);
  }

  /** One number of a tensor's shape. */
  size(x: string, axis: number): string {
    return this.op('Gather', [this.op('Shape', [x]), this.wholes(axis)], { axis: 0 });
  }

  /** Gives what a node makes its outer name. */
  output(from: string, name: string): void {
    this.#nodes.push({ type: 'Identity', inputs: [from], outputs: [name] });
  }

  bytes(name: string, inputs: readonly ValueMessage[], outputs: readonly ValueMessage[]): Uint8Array {
    return modelBytes({ name, nodes: this.#nodes, constants: this.#constants, inputs, outputs });
  }
}
