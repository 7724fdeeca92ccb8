import type { DataType, Elements } from './node.ts';
import type { Program } from './program.ts';

/** A value that lives where its runtime keeps it. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly type: DataType;
  /** The elements, row-major. May be the runtime's own memory: valid until the tensor is disposed of, and not to be written. */
  data(): Elements | Promise<Elements>;
  dispose(): void;
}

export interface CompileOptions {
  /** Inputs whose values never change: the runtime may lay them out as it likes, and they are not given to `run`. */
  readonly frozen?: ReadonlyMap<string, Float32Array>;
}

export interface CompiledProgram {
  /** Every input that is not frozen, by name. The results belong to the caller, who disposes of them. */
  run(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  dispose(): Promise<void>;
}

/** Something that runs tensor programs. It knows nothing of derivatives: those are programs too (`gradients`). */
export interface TensorRuntime {
  /** What is in use, for people: `"onnxruntime-node 1.30.0, CPU, 2 threads"`. */
  readonly description: string;
  compile(program: Program, options?: CompileOptions): Promise<CompiledProgram>;
  /** A tensor over `data`, which the runtime may use in place: change it and the tensor changes, where `inPlace` is true. */
  tensor(data: Elements, shape: readonly number[]): Tensor;
  readonly inPlace: boolean;
}
