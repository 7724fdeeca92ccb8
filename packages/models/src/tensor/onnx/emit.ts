import type { Elements, Node } from '../node.ts';
import { inOrder, type Program } from '../program.ts';
import type { Shape } from '../shape.ts';
import { type Attribute, modelBytes, type NodeMessage, type TensorMessage, type ValueMessage } from './messages.ts';

/** Collects the nodes and constants of one graph. Names are made here and start with `_`, as no input's does. */
class Emitter {
  readonly nodes: NodeMessage[] = [];
  readonly constants: TensorMessage[] = [];
  readonly #names = new Map<Node, string>();
  readonly #wholes = new Map<string, string>();

  nameOf(node: Node): string {
    const name = this.#names.get(node);
    if (name === undefined) throw new Error('a node was used before it was emitted');
    return name;
  }

  name(node: Node, name: string): void {
    this.#names.set(node, name);
  }

  call(type: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string {
    const output = `_t${this.nodes.length}`;
    this.nodes.push({ type, inputs, outputs: [output], ...(attributes && { attributes }) });
    return output;
  }

  constant(data: Elements, shape: readonly number[]): string {
    const name = `_c${this.constants.length}`;
    this.constants.push({ name, shape, data });
    return name;
  }

  /** A list of int64, as shapes and axes are given. The same list is kept once. */
  wholes(values: readonly number[]): string {
    const key = values.join();
    const known = this.#wholes.get(key);
    if (known !== undefined) return known;
    const name = `_i${this.constants.length}`;
    this.constants.push({ name, shape: [values.length], data: BigInt64Array.from(values, BigInt) });
    this.#wholes.set(key, name);
    return name;
  }
}

/**
 * A program as the bytes of an ONNX model: standard operators of set 20 only, so that any ONNX runtime can run it. Inputs in
 * `frozen` become constants of the file.
 */
export function onnxModel(
  { inputs, outputs }: Program,
  frozen: ReadonlyMap<string, Float32Array> = new Map(),
  name = 'program',
): Uint8Array {
  const e = new Emitter();
  for (const node of inOrder(Object.values(outputs))) e.name(node, emit(e, node, frozen));
  for (const [as, node] of Object.entries(outputs)) {
    e.nodes.push({ type: 'Identity', inputs: [e.nameOf(node)], outputs: [as] });
  }
  const value = ([as, { type, shape }]: [string, Node]): ValueMessage => ({ name: as, type, shape });
  return modelBytes({
    name,
    nodes: e.nodes,
    constants: e.constants,
    inputs: Object.entries(inputs)
      .filter(([as]) => !frozen.has(as))
      .map(value),
    outputs: Object.entries(outputs).map(value),
  });
}

/** What the ONNX format writes for the end of an axis. */
const TO_THE_END = 2 ** 31 - 1;

const BINARY = { add: 'Add', sub: 'Sub', mul: 'Mul', div: 'Div' } as const;
const UNARY = {
  neg: 'Neg',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  reciprocal: 'Reciprocal',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  erf: 'Erf',
} as const;

function emit(e: Emitter, node: Node, frozen: ReadonlyMap<string, Float32Array>): string {
  const { op, shape } = node;
  const inputs = node.inputs.map((input) => e.nameOf(input));
  switch (op.kind) {
    case 'input':
      return emitInput(e, op.name, shape, frozen.get(op.name));
    case 'constant':
      return e.constant(op.data, shape as readonly number[]);
    case 'binary':
      return e.call(BINARY[op.name], inputs);
    case 'unary':
      return e.call(UNARY[op.name], inputs);
    case 'reduce': {
      const type = op.name === 'sum' ? 'ReduceSum' : 'ReduceMean';
      return e.call(type, [...inputs, e.wholes(op.axes)], { keepdims: 1 });
    }
    case 'softmax':
      return e.call('Softmax', inputs, { axis: -1 });
    case 'logSoftmax':
      return e.call('LogSoftmax', inputs, { axis: -1 });
    case 'matMul':
      return emitMatMul(e, node, inputs, op.transposeA, op.transposeB);
    case 'reshape':
      return e.call('Reshape', [...inputs, e.wholes(shape.map((d) => (typeof d === 'number' ? d : -1)))]);
    case 'transpose':
      return e.call('Transpose', inputs, { perm: op.permutation });
    case 'expandLike':
      return e.call('Expand', [inputs[0], e.call('Shape', [inputs[1]])]);
    case 'concat':
      return e.call('Concat', inputs, { axis: op.axis });
    case 'slice':
      return e.call('Slice', [
        inputs[0],
        ...[op.start, Math.min(op.end, TO_THE_END), op.axis].map((v) => e.wholes([v])),
      ]);
    case 'pad': {
      const zero = e.constant(new Float32Array(1), []);
      return e.call('Pad', [inputs[0], e.wholes([op.before, op.after]), zero, e.wholes([op.axis])]);
    }
    default:
      return emitIndexed(e, node, inputs);
  }
}

function emitInput(e: Emitter, name: string, shape: Shape, value: Float32Array | undefined): string {
  return value === undefined ? name : e.constant(value, shape as readonly number[]);
}

/** The operations that pick or scatter by integers. */
function emitIndexed(e: Emitter, { op, inputs: nodes }: Node, inputs: readonly string[]): string {
  const column = (): string => e.call('Unsqueeze', [inputs[1], e.wholes([1])]);
  switch (op.kind) {
    case 'gather':
      return e.call('Gather', inputs, { axis: 0 });
    case 'pick':
      return e.call('GatherElements', [inputs[0], column()], { axis: 1 });
    case 'addAt':
      return e.call('ScatterElements', [inputs[0], column(), inputs[2]], { axis: 1, reduction: 'add' });
    case 'scatterAdd': {
      const width = nodes[0].shape[1] as number;
      const zeros = e.constant(new Float32Array(op.rows * width), [op.rows, width]);
      const at = e.call('Expand', [column(), e.call('Shape', [inputs[0]])]);
      // Not ScatterND: onnxruntime 1.30 adds rows of one id on several threads at once and loses some.
      return e.call('ScatterElements', [zeros, at, inputs[0]], { axis: 0, reduction: 'add' });
    }
    default:
      throw new Error(`there is no ONNX form of ${op.kind}`);
  }
}

/** Two matrices go to Gemm, which reads either transposed at no cost; anything else to MatMul. */
function emitMatMul(e: Emitter, node: Node, inputs: readonly string[], a: boolean, b: boolean): string {
  const flat = node.inputs.every(({ shape }) => shape.length === 2);
  if (flat) return e.call('Gemm', inputs, { transA: a ? 1 : 0, transB: b ? 1 : 0 });
  const exchanged = (name: string, rank: number): string => {
    const axes = Array.from({ length: rank }, (_, i) => i);
    return e.call('Transpose', [name], { perm: [...axes.slice(0, -2), rank - 1, rank - 2] });
  };
  const read = (i: number, yes: boolean): string =>
    yes ? exchanged(inputs[i], node.inputs[i].shape.length) : inputs[i];
  return e.call('MatMul', [read(0, a), read(1, b)]);
}
