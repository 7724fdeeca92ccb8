import { chooseRuntime } from './choose-runtime.ts';
import type { TensorRuntime } from './index.ts';

/** The runtime for training: the best that loads here, on all processors. Loaded when first asked for. */
export async function tensorRuntime(): Promise<TensorRuntime> {
  return (await chooseRuntime()).runtime;
}
