import type { StoredTensor } from './safetensors-header.ts';

/** The arrays of a model, read one by one when asked for. */
export interface Weights {
  /** The files that hold them, in order. */
  readonly files: readonly string[];
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * The numbers of an array, row by row, as 32-bit floats. P510 where there is none of that name, where it is no array of f32, f16 or
   * bf16, and where the file has changed.
   */
  read(name: string): Promise<Float32Array>;
}
