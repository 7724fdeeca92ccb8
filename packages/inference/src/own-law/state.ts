import type { Diagnostic } from '@postulate/graph';
import type { Chooser, LanguageModel } from '@postulate/models';
import type { LogWeightMoments } from '../numeric/index.ts';
import type { Draw, Factor, Request, Target } from '../port/index.ts';

/** How an engine that draws from a law of its own speaks of it. */
export interface OwnLawWords {
  readonly engine: string;
  /** The law, as in "the draws follow the law of weighted decoding". */
  readonly law: string;
  /** What to try where every text has weight zero. */
  readonly deadHelp: string;
}

/** Draws of a policy that is not the posterior, and what their weights tell of how far off it is. */
export interface OwnLawState {
  readonly words: OwnLawWords;
  /** Whether what is drawn is the posterior itself. */
  readonly exact: boolean;
  /** What was chosen and why. */
  readonly reasons: readonly string[];
  /** Texts drawn at a time. */
  readonly batch: number;
  readonly target: Target;
  readonly lambda: readonly number[] | null;
  readonly factors: readonly Factor[];
  readonly request: Request;
  readonly chooser: Chooser;
  readonly policy: LanguageModel;
  /** Texts that end the run; fewer than `asked` where the budget does not allow them. */
  readonly wanted: number;
  readonly asked: number;
  readonly warnings: readonly Diagnostic[];
  readonly texts: Draw[];
  /** log q of each text, nats. */
  readonly logProposal: number[];
  readonly weights: LogWeightMoments;
  /** Values of each named function at each text. */
  readonly named: readonly number[][];
  /** Texts that each factor was the first to give weight zero. */
  readonly killed: number[];
  /** Texts of the prior that preparations took. */
  readonly prepared: number;
  chunks: number;
  tokens: number;
}

/** What one chunk of work gives; plain arrays, so that it can come from elsewhere. */
export interface DecodedChunk {
  readonly tokens: Int32Array;
  readonly offsets: Int32Array;
  readonly finished: Uint8Array;
  readonly logProposal: Float64Array;
  readonly logPrior: Float64Array;
  readonly logFactor: Float64Array;
  /** Index of the first factor that gave weight zero, −1 for none. */
  readonly killer: Int32Array;
  readonly named: readonly Float64Array[];
}
