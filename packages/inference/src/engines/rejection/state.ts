import type { Diagnostic } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { RunningMoments } from '../../numeric/index.ts';
import type { Draw, Factor, Request, Target } from '../../port/index.ts';
import type { TrialBlock } from './log-z.ts';
import type { Proposer } from './proposer.ts';

export interface RejectionOptions {
  readonly batch: number;
  readonly removeDead: boolean;
  /** Trials in a row without an accept that end the run. */
  readonly patience: number;
  readonly proposal: string;
}

/** Accepted texts gathered for the figures where no draws are asked for. */
export const FIGURE_DRAWS = 1000;

export interface RejectionState {
  readonly target: Target;
  readonly lambda: readonly number[] | null;
  readonly factors: readonly Factor[];
  readonly options: RejectionOptions;
  readonly request: Request;
  /** Accepted texts that end the run. */
  readonly wanted: number;
  readonly logBound: number;
  /** Texts of the prior that the budget leaves for proposals. */
  readonly affordable: number;
  /** A proposer with nothing left out yet. */
  readonly proposer: () => Proposer;
  /** Whether proposers learn what to leave out. */
  readonly learning: boolean;
  readonly chooser: Chooser;
  readonly blocks: TrialBlock[];
  readonly draws: Draw[];
  readonly logFactor: RunningMoments;
  readonly logGamma: RunningMoments;
  readonly named: readonly RunningMoments[];
  readonly warnings: Diagnostic[];
  chunks: number;
  accepted: number;
  /** Value of `trials` after the batch with the last accept. */
  acceptedAt: number;
  trials: number;
  modelCalls: number;
  tokens: number;
}
