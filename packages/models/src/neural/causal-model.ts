import type { SequenceBatch } from '../port/index.ts';

/** What a row of a law holds: probabilities, or their natural logarithms in nats. */
export type Law = 'probabilities' | 'logProbs';

/** Rows of numbers, row-major. */
export type Rows = Float32Array | Float64Array;

/**
 * What a runtime can do, as far as engines ask.
 *
 * - `score`: exact log-probabilities of given sequences in one pass;
 * - `next`: whole next-token laws, or only so many of the likeliest tokens;
 * - `fork`: sequences that share a beginning share its cost;
 * - `semantics`: what the log-probabilities that it reports are of: the model's own law, that law at the temperature asked for, that cut
 *   to the likeliest tokens as well, or nobody knows;
 * - `seeds`: whether equal seeds give equal draws.
 */
export interface RuntimeAbilities {
  readonly score: boolean;
  readonly next: 'all' | number;
  readonly fork: boolean;
  readonly semantics: 'raw' | 'tempered' | 'truncated' | 'unknown';
  readonly maxTemperature: number;
  readonly seeds: 'exact' | 'best-effort' | 'none';
}

/** Sequences of equal length that grow token by token, with whatever the runtime keeps of what they have read. */
export interface GrowingRows {
  /**
   * Every row reads one token. Gives the law of the next, rows × (size + 1), the end of the text last; valid until the next call.
   */
  step(tokens: Int32Array): Promise<Rows>;
  /** Row i continues what row `ancestors[i]` was; there may be more rows than before, or fewer. */
  reorder(ancestors: Int32Array): Promise<void>;
  /** An independent copy whose row i continues row `ancestors[i]`. */
  fork(ancestors: Int32Array): Promise<GrowingRows>;
  dispose(): void;
}

/**
 * A decoder on some runtime: next-token laws over its own token ids, at temperature 1 and with nothing cut off. The column of the token
 * that ends a text has no mass; its mass is in the last column. Runtimes implement this, and `neuralModel` makes it a prior.
 */
export interface CausalModel {
  /** Names the weights; equal ids mean equal laws. */
  readonly id: string;
  /** Number of tokens; rows have one column more. */
  readonly size: number;
  /** Most tokens that a sequence can read, what it begins with included; `Infinity` where there is no limit. */
  readonly positions: number;
  readonly abilities: RuntimeAbilities;
  /** One row that has read `prefix` (never empty), and the law of what follows. */
  open(prefix: Int32Array, law: Law): Promise<{ readonly rows: GrowingRows; readonly first: Rows }>;
  /** log p of each sequence after `prefix`, its end included where it is finished, nats; lengths are not judged. */
  score?(prefix: Int32Array, sequences: SequenceBatch): Promise<Float64Array>;
  /** log p(v | prefix, what comes before) at every choice of the sequences: choices × (size + 1), nats; lengths are not judged. */
  rows?(prefix: Int32Array, sequences: SequenceBatch): Promise<Rows>;
}
