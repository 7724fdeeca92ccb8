import type { LanguageModel } from './language-model.ts';
import type { SequenceBatch } from './sequences.ts';
import type { TokenMachine } from './token-machine.ts';

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

/** What is added to a policy's logits by the state of an automaton, the tokens read, and the row itself (`policies/guide.ts`). */
export interface PolicyGuide {
  readonly machine: TokenMachine;
  /** (maxTokens + 1) × states, nats: row t is log E[φ from each state on], beyond what was gathered, after t tokens; with a reading, what it adds to is. */
  readonly values: Float64Array;
  /** What the row of what is guided adds to that; absent for nothing. */
  readonly reading?: GuideReading | undefined;
}

/**
 * How much more or less than its value a state is worth after a prefix, by what the guided model expects next there:
 * w(s) · max(log b(tokens | prefix), −30), nats.
 */
export interface GuideReading {
  /** R tokens. */
  readonly tokens: Int32Array;
  /** w: states × R. */
  readonly weights: Float64Array;
  /** (maxTokens + 1) × states: 1 where it is added, 0 where a value is all there is to say. */
  readonly open: Uint8Array;
}

/** How a policy is to be trained; 0 leaves a number to the policy. */
export interface PolicyOptions {
  readonly learningRate: number;
  /** Gradients of a larger Euclidean norm are scaled down to it. */
  readonly clip: number;
  /** Where the policy is a table: a row of logits for each position of a context, not for each context. */
  readonly positions: boolean;
  /** Where the policy is a transformer: the rank of its adapters, which are then all that is trained; 0 or absent for all weights. */
  readonly rank?: number;
  /** Where the policy is a transformer: whether each entry has a second moment of its own (`entry`, the default) or an array has one. */
  readonly moments?: string;
  /** Guides of its laws, one each; absent for none. */
  readonly guides?: readonly PolicyGuide[];
  /** Step size of Adam for the values of the guides; 0 or absent to leave them as they are. */
  readonly guideRate?: number;
}

/** What is particular to one step. */
export interface UpdateStep {
  /** Factor on the learning rate; default 1. */
  readonly rate?: number | undefined;
  /** Whose law each sequence was drawn for: index into `laws`; default 0 for all. */
  readonly laws?: Int32Array | undefined;
}

/** A model as `fitted` reads it back: what it is in JSON, its numbers apart. */
export interface StoredModel {
  readonly kind: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly arrays: Readonly<Record<string, Int32Array | Float32Array | Float64Array | Uint8Array>>;
}

type Later<T> = T | Promise<T>;

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
  /** Its laws under the prompts it was opened for, all of the same parameters; the first is the policy itself. */
  readonly laws: readonly LanguageModel[];
  update(sequences: SequenceBatch, coefficients: Float64Array, step?: UpdateStep): Later<UpdateInfo>;
  /** log q(v | prefix) at each choice, choices × (vocabulary + 1), nats; the last column is the end of the sequence. */
  rows(sequences: SequenceBatch, laws?: Int32Array): Later<Float32Array | Float64Array>;
  /** As `update`, upwards on Σ_rows Σ_v c[row, v] log q(v | prefix of the row): what an exact token-level divergence needs. */
  updateRows(sequences: SequenceBatch, coefficients: Float32Array | Float64Array, step?: UpdateStep): Later<UpdateInfo>;
  snapshot(): Later<Snapshot>;
  restore(snapshot: Snapshot): Later<void>;
  /** Its laws as they are now, unmoved by later updates: what is proposed from while the policy goes on. */
  frozen(): Later<readonly LanguageModel[]>;
  /** The policy as it is now, for `fitted`. */
  stored(): Later<StoredModel>;
}
