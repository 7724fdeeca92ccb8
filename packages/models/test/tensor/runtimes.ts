import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import ort from 'onnxruntime-node';
import { ortRuntime } from '../../src/tensor/ort/runtime.ts';
import type { TensorRuntime } from '../../src/tensor/index.ts';
import { tfjsRuntime } from '../../src/tensor/tfjs/runtime.ts';

/** The runtimes that every proof is held against. */
export const RUNTIMES = ['onnxruntime', 'tfjs cpu', 'tfjs wasm'] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

/** TensorFlow.js would say on its cpu backend that there are faster ones. */
tf.env().set('IS_TEST', true);

export async function runtimeOf(name: RuntimeName, threads = 2): Promise<TensorRuntime> {
  if (name === 'onnxruntime') return ortRuntime(ort, 'onnxruntime-node', { threads });
  await tf.setBackend(name === 'tfjs cpu' ? 'cpu' : 'wasm');
  await tf.ready();
  return tfjsRuntime(tf);
}

export { tf };
