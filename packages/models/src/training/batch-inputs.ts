import type { Tensor, TensorRuntime } from '../tensor/index.ts';
import type { DecoderConfig } from '../transformer/config.ts';
import { packedMask, type PackedRow } from './packing.ts';

/** Packed rows as the inputs `ids`, `targets`, `mask` and, where positions are learned, `positions` of a `scoreProgram`. */
export function batchInputs(
  runtime: TensorRuntime,
  config: DecoderConfig,
  rows: readonly PackedRow[],
  length: number,
): Record<string, Tensor> {
  const total = rows.length * length;
  const whole = (key: 'ids' | 'targets' | 'positions'): Int32Array => joined(rows, key, new Int32Array(total));
  const inputs: Record<string, Tensor> = {
    ids: runtime.tensor(whole('ids'), [total]),
    targets: runtime.tensor(whole('targets'), [total]),
    mask: runtime.tensor(packedMask(rows, length), [rows.length, 1, 1, length, length]),
  };
  if (config.family === 'gpt2') {
    const positions = whole('positions').map((p) => p % config.positions);
    inputs['positions'] = runtime.tensor(positions, [total]);
  }
  return inputs;
}

/** One field of all rows, one after the other. */
export function joined<T extends Float32Array | Int32Array>(
  rows: readonly PackedRow[],
  key: 'ids' | 'targets' | 'counts' | 'positions',
  into: T,
): T {
  let at = 0;
  for (const row of rows) {
    into.set(row[key], at);
    at += row[key].length;
  }
  return into;
}
