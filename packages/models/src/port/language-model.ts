import type { Capability } from '@postulate/graph';
import type { BackoffTable } from './backoff-table.ts';
import type { Chooser } from './chooser.ts';
import type { SequenceBatch } from './sequences.ts';
import type { Steerable } from './steerable.ts';
import type { PolicyOptions, TrainablePolicy } from './trainable-policy.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A batch of sequences being extended token by token. Stateful, so that a transformer keeps its key-value cache. */
export interface DecodeSession {
  /**
   * Row-normalised natural-log probabilities, batch × (vocabulary + 1), the last column being the end of sequence.
   * Valid until the next call. At `maxTokens` tokens there is nothing left to choose and rows are undefined.
   */
  readonly logProbs: Float32Array | Float64Array;
  /** One token per row; rows that have ended take any token and are ignored. */
  advance(tokens: Int32Array): void | Promise<void>;
  /** Resampling: row `i` continues what row `ancestors[i]` was; there may be more rows than before, or fewer. */
  reorder(ancestors: Int32Array): void;
}

export interface SampledBatch extends SequenceBatch {
  /** log prior(x) of each sequence, nats. */
  readonly logProbs: Float64Array;
}

/** A normalised distribution over sequences of at most `maxTokens` tokens (forced stop, `language.md` §5). */
export interface LanguageModel {
  /** Names the model and its content; equal ids mean equal distributions. */
  readonly id: string;
  readonly vocabulary: Vocabulary;
  /** A sequence that reaches this many tokens stops there with no end-of-sequence factor. */
  readonly maxTokens: number;
  readonly capabilities: ReadonlySet<Capability>;
  /** Why a capability that priors usually have is not there. */
  readonly lacks?: ReadonlyMap<Capability, string>;
  open(batch: number): DecodeSession;
  /** log prior(x), nats; `-Infinity` for a sequence the model cannot produce. */
  logProb(sequences: SequenceBatch): Float64Array | Promise<Float64Array>;
  /**
   * log p(v | what comes before) at every choice of the sequences (`choiceOffsets`), choices × (V + 1), nats: there where one pass
   * costs less than decoding. Sequences are not judged: only rows after what the model can produce mean anything.
   */
  rows?(sequences: SequenceBatch): Float32Array | Float64Array | Promise<Float32Array | Float64Array>;
  /** Independent draws. Finite-state models answer synchronously. */
  sample(count: number, chooser: Chooser): SampledBatch | Promise<SampledBatch>;
  /** There where the model is `finiteState`. */
  readonly table?: BackoffTable;
  /** There where gradients can push what the model has read. */
  readonly steerable?: Steerable;
  /** There where the model is a mixture; weights sum to one. */
  readonly components?: readonly { readonly model: LanguageModel; readonly weight: number }[];
  /**
   * A policy that starts as this model, where it can be trained; its `laws` start as the models of `family`, which differ from this
   * one in their prompts alone (default: this one). Throws P600 where the parameters would be too many or the family shares none.
   */
  trainable?(options: PolicyOptions, family?: readonly LanguageModel[]): TrainablePolicy | Promise<TrainablePolicy>;
}
