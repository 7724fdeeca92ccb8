import type { LanguageModel } from './language-model.ts';
import type { SequenceBatch } from './sequences.ts';

/**
 * Where each sequence's choices stand when all choices of a batch are written one after the other: a sequence of T tokens makes T
 * choices, and one more where it is finished (the end). Length `size + 1`.
 */
export function choiceOffsets({ size, offsets, finished }: SequenceBatch): Int32Array {
  const at = new Int32Array(size + 1);
  for (let i = 0; i < size; i++) at[i + 1] = at[i] + offsets[i + 1] - offsets[i] + finished[i];
  return at;
}

export interface UpdateInfo {
  /** Euclidean norm of the gradient over all parameters, before clipping. */
  readonly gradientNorm: number;
  /** True where the norm was above the policy's clipping threshold. */
  readonly clipped: boolean;
  /** log q(x) of each sequence before the step, nats. */
  readonly logProbs: Float64Array;
}

/** Everything that the next update depends on: parameters, the optimiser's moments, the number of steps. */
export interface Snapshot {
  readonly step: number;
  readonly arrays: Readonly<Record<string, Float32Array | Float64Array>>;
}

/**
 * All that a variational engine needs of a policy q: every objective here is a weighted log-likelihood gradient. An update is one
 * optimiser step upwards on
 *
 *   Σᵢ cᵢ log q(xᵢ)            with one coefficient a sequence (length `size`), or
 *   Σᵢ Σₜ cᵢₜ log q(xᵢₜ | xᵢ,<ₜ)  with one a choice (length `choiceOffsets(sequences)[size]`).
 *
 * `restore(snapshot())` puts the policy back to the last bit: the updates that follow are the same.
 */
export interface TrainablePolicy extends LanguageModel {
  readonly parameters: number;
  update(sequences: SequenceBatch, coefficients: Float64Array): UpdateInfo | Promise<UpdateInfo>;
  /** log q(v | prefix) at each choice, choices × (vocabulary + 1), nats; the last column is the end of the sequence. */
  rows(sequences: SequenceBatch): Float32Array | Float64Array | Promise<Float32Array | Float64Array>;
  /** As `update`, upwards on Σ_rows Σ_v c[row, v] log q(v | prefix of the row): what an exact token-level divergence needs. */
  updateRows(sequences: SequenceBatch, coefficients: Float32Array | Float64Array): UpdateInfo | Promise<UpdateInfo>;
  snapshot(): Promise<Snapshot>;
  restore(snapshot: Snapshot): Promise<void>;
}
