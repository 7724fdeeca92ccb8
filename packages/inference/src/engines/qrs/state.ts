import type { Diagnostic } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import type { Draw, Request, Target } from '../../port/index.ts';
import type { ChosenThreshold } from './threshold.ts';

export interface QrsOptions {
  readonly threshold: number;
  readonly tv: number;
  readonly acceptance: number;
  readonly pilot: number;
  readonly diagnose: number;
  readonly batch: number;
  readonly patience: number;
  readonly proposal: string;
}

/** Columns of the first `diagnose` proposals after the pilot, dead ones included. */
export interface Diagnosed {
  readonly logWeights: number[];
  readonly logFactors: number[];
  readonly logGammas: number[];
}

export interface QrsState {
  /** With fitted moments: one stage of factors alone. */
  readonly target: Target;
  readonly lambda: readonly number[] | null;
  readonly options: QrsOptions;
  readonly request: Request;
  readonly chooser: Chooser;
  /** Proved upper bound of the log weights; `Infinity` where there is none. */
  readonly logBound: number;
  readonly warnings: Diagnostic[];
  readonly diagnosed: Diagnosed;
  /** Everything accepted; at least as many as are handed out. */
  readonly accepted: Draw[];
  /** log w − log M of each accepted text, 0 where it is below. */
  readonly excess: number[];
  /** Values of each named function at each accepted text. */
  readonly named: readonly number[][];
  /** Proposals that each factor was the first to give weight zero; at the end those that the prior cannot produce. */
  readonly killed: number[];
  readonly threshold: ChosenThreshold;
  /** Texts that chunks may propose: what the budget leaves after the pilot. */
  readonly most: number;
  /** log Z as the diagnostic sample has it so far. */
  logZ: number | undefined;
  chunks: number;
  /** Proposals that were accepted or not. */
  trials: number;
  /** Value of `trials` after the chunk with the last accept. */
  acceptedAt: number;
  dead: number;
  modelCalls: number;
  tokens: number;
}
