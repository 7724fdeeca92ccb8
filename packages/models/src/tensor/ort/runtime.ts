import { availableParallelism } from 'node:os';
import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-node';
import type { DataType, Elements } from '../node.ts';
import { onnxModel } from '../onnx/emit.ts';
import type { CompiledProgram, Tensor, TensorRuntime } from '../runtime.ts';

/** What `onnxruntime-node` and `onnxruntime-web` share. */
export interface Ort {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: TensorConstructor;
}

export interface OrtOptions {
  /** Threads within one operation. Default: one a processor. */
  readonly threads?: number;
}

class OrtValue implements Tensor {
  constructor(readonly value: OrtTensor) {}
  get shape(): readonly number[] {
    return this.value.dims;
  }
  get type(): DataType {
    return this.value.type === 'int32' ? 'int32' : 'float32';
  }
  data(): Elements {
    return this.value.data as Elements;
  }
  dispose(): void {
    this.value.dispose();
  }
}

/** Runs programs as ONNX graphs. Tensors are JavaScript's own arrays, so weights can be changed where they lie. */
export function ortRuntime(
  ort: Ort,
  name: string,
  { threads = availableParallelism() }: OrtOptions = {},
): TensorRuntime {
  return {
    description: `${name}, CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    inPlace: true,
    tensor: (data, shape) =>
      new OrtValue(
        data instanceof Float32Array ? new ort.Tensor('float32', data, shape) : new ort.Tensor('int32', data, shape),
      ),
    async compile(program, { frozen } = {}): Promise<CompiledProgram> {
      const session = await ort.InferenceSession.create(onnxModel(program, frozen), {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        // Threads that wait by spinning take the cores from whatever else runs: twice to three times slower beside one busy process.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        // What goes wrong is thrown; below this level it would be written to the terminal too.
        logSeverityLevel: 4,
      });
      return {
        async run(inputs) {
          const feeds: Record<string, OrtTensor> = {};
          for (const [key, tensor] of Object.entries(inputs)) feeds[key] = (tensor as OrtValue).value;
          const results = await session.run(feeds);
          const out: Record<string, Tensor> = {};
          for (const key of Object.keys(program.outputs)) out[key] = new OrtValue(results[key]);
          return out;
        },
        dispose: () => session.release(),
      };
    },
  };
}
