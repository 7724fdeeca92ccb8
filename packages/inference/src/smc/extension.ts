import type { Chooser } from '@postulate/models';
import type { Maybe } from '../bind/index.ts';
import type { Surrogate } from '../twists/index.ts';

/** How particles are extended by a token: from the prior, from a twisted proposal, by adaptive rejection, … */
export interface Extension {
  readonly name: string;
  /** What is to blame where nothing can follow a prefix: the labels of the factors that the extension enforces. */
  readonly blame?: string;
  /** Whether every complete text comes out with the same weight, so that a spread of 0 is no accident. */
  readonly exact?: boolean;
  /** Whether `logTwist` of a complete text is Σ log φ of all factors, so that they need not be asked again. */
  readonly weighs?: boolean;
  /** There where it looks ahead on a table that stands for the prior. */
  readonly surrogate?: Surrogate | undefined;
  /** `size` particles, all at the empty prefix, where ψ is 1. */
  open(size: number): ExtensionSession;
}

/** What one step did to each row; arrays have one entry a row, entries of rows that were not live are left alone. */
export interface Extended {
  /** The token drawn; V for the end of sequence; −1 where nothing could follow. */
  readonly tokens: Int32Array;
  /** log prior(token | prefix), nats. */
  readonly logPrior: Float64Array;
  /**
   * log of what makes the draw properly weighted for prior(token | prefix): log prior − log proposal, or an unbiased
   * estimate of the mass of what was allowed. −∞ kills the particle.
   */
  readonly logRatio: Float64Array;
  /** log ψ of the prefix so extended; of a complete text it is what the twist knows, and counts only where that is all (`weighs`). */
  readonly logTwist: Float64Array;
}

export interface ExtensionSession {
  /**
   * Draws one token for each row whose `live` is 1, row by row, each from `choosers(row)`. Rows that are not live have
   * ended or died. Where a chooser has no `uniform`, the token is what one `choose` among V + 1 logs says, so that a chooser
   * can also force a token (`conditional.ts`); extensions that cannot do so cannot be run conditionally.
   */
  extend(live: Uint8Array, choosers: (row: number) => Chooser, out: Extended): Maybe<void>;
  /** Resampling: row i continues what row `ancestors[i]` was; the number of rows stays. */
  reorder(ancestors: Int32Array): void;
  /**
   * Sequences or rows of the prior asked for so far, and factors evaluated on prefixes; where verdicts are kept, also how
   * often one was wanted, whether it had to be evaluated or not.
   */
  readonly cost: {
    readonly modelCalls: number;
    readonly constraintCalls: number;
    readonly constraintQuestions?: number;
  };
}
