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

/** The values as tensors of `runtime`, as the inputs of `program` have their types. */
export function tensors(
  runtime: TensorRuntime,
  { inputs }: Program,
  values: Readonly<Record<string, Value>>,
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, { type }]) => {
      const { data, shape } = values[key];
      return [key, runtime.tensor(type === 'int32' ? Int32Array.from(data) : Float32Array.from(data), shape)];
    }),
  );
}

/** Compiles, runs once, reads and lets go of everything. */
export async function runOnce(
  runtime: TensorRuntime,
  program: Program,
  values: Readonly<Record<string, Value>>,
  options?: CompileOptions,
): Promise<Readonly<Record<string, Value>>> {
  const compiled = await runtime.compile(program, options);
  const frozen = options?.frozen ?? new Map<string, Float32Array>();
  const given = tensors(runtime, program, values);
  const results = await compiled.run(Object.fromEntries(Object.entries(given).filter(([key]) => !frozen.has(key))));
  const out: Record<string, Value> = {};
  for (const [key, tensor] of Object.entries(results)) out[key] = value(tensor.shape, await tensor.data());
  for (const tensor of [...Object.values(given), ...Object.values(results)]) tensor.dispose();
  await compiled.dispose();
  return out;
}
