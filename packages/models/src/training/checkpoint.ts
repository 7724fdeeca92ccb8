import { openSafetensors, writeSafetensors } from '../weights/index.ts';
import type { LmState } from './lm-training.ts';

/** Writes a state so that it is there whole or not at all. */
export function writeCheckpoint(file: string, { step, arrays }: LmState): Promise<void> {
  const tensors = Object.entries(arrays).map(([name, data]) => ({ name, shape: [data.length], data }));
  return writeSafetensors(file, tensors, { metadata: { step: String(step) } });
}

export async function readCheckpoint(file: string): Promise<LmState> {
  const stored = await openSafetensors(file);
  const arrays: Record<string, Float32Array> = {};
  for (const name of stored.tensors.keys()) arrays[name] = await stored.read(name);
  return { step: Number(stored.metadata['step']), arrays };
}
