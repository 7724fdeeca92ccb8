import type { Chooser } from '@postulate/models';
import type { Maybe } from '../bind/maybe.ts';

/**
 * A twist ψ: what a prefix is expected to weigh, beyond the prior, once it is a whole text. A perfect one is
 * ψ(x₁…x_t) = E[φ(x) | x₁…x_t] under the prior (`algorithms.md` 5.1), up to a constant. It steers what is proposed and
 * which prefixes are kept, and its effect is divided out again: it cannot change an answer, only its variance.
 *
 * Every twist is sound: ψ is 0 only where no continuation of positive prior probability has a positive weight.
 */
export interface Twist {
  readonly name: string;
  /** Whether ψ is the expectation itself, so that weights under it are constant. */
  readonly exact: boolean;
  /** `size` rows, all at the empty prefix. */
  open(size: number): TwistSession;
  /** The law ∝ prior · ψ(complete text), where it can be drawn from without going token by token. */
  readonly law?: TwistedLaw | undefined;
}

/** Independent draws from prior · ψ, normalised, with their density. */
export interface TwistedLaw {
  draw(chooser: Chooser): { readonly tokens: Int32Array; readonly finished: boolean };
  /** log density of a sequence of the prior's length, nats. */
  logProb(tokens: ArrayLike<number>, finished: boolean): number;
}

/** A table that stands for the prior. */
export interface Surrogate {
  /** Texts of the prior that it is fitted on. */
  readonly texts: number;
  /** How many of them, effectively, weigh something (`effectiveTexts`). */
  readonly seen: number;
}

/** A twist made for one target. */
export interface PreparedTwist extends Twist {
  /** Which twist it is and why, in one sentence. */
  readonly reason: string;
  /** Texts of the prior that making it took. */
  readonly modelCalls: number;
  /** Labels of factors that the twist knows nothing of before a text is complete. */
  readonly leftOut: readonly string[];
  /** There where a stand-in for the prior was looked ahead on. */
  readonly surrogate?: Surrogate;
}

/** What `next` writes, up to a constant a row: `shift(row)` plus a law that depends on `key(row)` alone. */
export interface SharedTwist {
  /** Keys are below this. */
  readonly keys: number;
  key(row: number): number;
  shift(row: number): number;
  /** Writes the law, without the shift. */
  law(row: number, out: Float64Array): void;
}

/** The twist of a batch of prefixes being extended token by token. */
export interface TwistSession {
  /** log ψ of each row's prefix, nats; valid until the next call. Rows that have ended keep whatever they had. */
  readonly logValues: Float64Array;
  /**
   * Writes log ψ of the row's prefix extended by each token, and in the last place (index V) by the end of sequence, where
   * it is what the twist knows of log φ of the text so ended. `out` has length V + 1. Whatever is impossible gets −∞.
   */
  next(row: number, out: Float64Array): Maybe<void>;
  /** There where rows have few different laws, so that what follows from one can be kept. */
  readonly shared?: SharedTwist;
  /** One token per row; V, the end of sequence, and any token of an ended row are allowed and ignored. */
  advance(tokens: Int32Array): Maybe<void>;
  /** Resampling: row i continues what row `ancestors[i]` was; the number of rows may change. */
  reorder(ancestors: Int32Array): void;
}
