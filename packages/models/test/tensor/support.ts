import type { CompileOptions, Program, Tensor, TensorRuntime } from '../../src/tensor/index.ts';
import { type Value, value } from './reference.ts';

/** max |x − y| / max(1, |y|). */
export function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  let most = 0;
  for (let i = 0; i < found.length; i++) {
    const [x, y] = [found[i], expected[i]];
    const off = x === y ? 0 : Math.abs(x - y) / Math.max(1, Math.abs(y));
    most = Number.isNaN(off) ? Infinity : Math.max(most, off);
  }
  return most;
}

/** The values as tensors of `runtime`, of the types that the inputs of `program` have; those in `frozen` are left out. */
export function tensors(
  runtime: TensorRuntime,
  { inputs }: Program,
  values: Readonly<Record<string, Value>>,
  frozen: ReadonlyMap<string, Float32Array> = new Map(),
): Record<string, Tensor> {
  const given = Object.entries(inputs).filter(([key]) => !frozen.has(key));
  return Object.fromEntries(
    given.map(([key, { type }]) => {
      const { data, shape } = values[key];
      return [key, runtime.tensor(type === 'int32' ? Int32Array.from(data) : Float32Array.from(data), shape)];
    }),
  );
}

export interface Runner {
  (values: Readonly<Record<string, Value>>): Promise<Readonly<Record<string, Value>>>;
  dispose(): Promise<void>;
}

/** The program compiled; each call runs it, reads its results and lets go of every tensor. */
export async function runner(runtime: TensorRuntime, program: Program, options?: CompileOptions): Promise<Runner> {
  const compiled = await runtime.compile(program, options);
  const frozen = options?.frozen ?? new Map<string, Float32Array>();
  const run = async (values: Readonly<Record<string, Value>>): Promise<Record<string, Value>> => {
    const given = tensors(runtime, program, values, frozen);
    const results = await compiled.run(given);
    const out: Record<string, Value> = {};
    for (const [key, tensor] of Object.entries(results)) out[key] = value(tensor.shape, await tensor.data());
    for (const tensor of [...Object.values(given), ...Object.values(results)]) tensor.dispose();
    return out;
  };
  return Object.assign(run, { dispose: () => compiled.dispose() });
}

export async function runOnce(
  runtime: TensorRuntime,
  program: Program,
  values: Readonly<Record<string, Value>>,
  options?: CompileOptions,
): Promise<Readonly<Record<string, Value>>> {
  const run = await runner(runtime, program, options);
  const out = await run(values);
  await run.dispose();
  return out;
}
