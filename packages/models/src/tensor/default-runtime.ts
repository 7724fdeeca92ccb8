import type { TensorRuntime } from './index.ts';
import { ortRuntime } from './ort/runtime.ts';

/** The runtime for training: all processors. Loaded when first asked for. */
export async function tensorRuntime(): Promise<TensorRuntime> {
  const ort = await import('onnxruntime-node');
  return ortRuntime(ort, 'onnxruntime-node');
}
