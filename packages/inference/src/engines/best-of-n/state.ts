import type { Diagnostic } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import type { ListedTarget } from '../../diagnostics/index.ts';
import { RunningMoments } from '../../numeric/index.ts';
import type { Draw, Request, Target } from '../../port/index.ts';

export interface BestOfOptions {
  readonly n: number;
  readonly batch: number;
  readonly patience: number;
  readonly maxSupport: number;
}

/** Groups that are drawn for the figures where no draws are asked for. */
export const FIGURE_GROUPS = 1000;

/** Columns of the candidates of the first `wanted` groups, dead ones included. */
export interface Candidates {
  readonly logFactors: number[];
  readonly logGammas: number[];
}

export interface BestOfState {
  /** With fitted moments: one stage of factors alone. */
  readonly target: Target;
  readonly lambda: readonly number[] | null;
  readonly options: BestOfOptions;
  readonly request: Request;
  readonly chooser: Chooser;
  /** Texts that end the run. */
  readonly wanted: number;
  /** Groups that the budget pays for. */
  readonly most: number;
  /** Every text with its weight, where the prior has few enough for its own law to be known. */
  readonly listed: ListedTarget | undefined;
  readonly warnings: Diagnostic[];
  readonly candidates: Candidates;
  readonly best: Draw[];
  readonly named: readonly RunningMoments[];
  /** Candidates that each factor was the first to give weight zero; at the end those that the prior cannot produce. */
  readonly killed: number[];
  chunks: number;
  groups: number;
  /** Value of `groups` after the chunk with the last group that returned a text. */
  returnedAt: number;
  dead: number;
  modelCalls: number;
  tokens: number;
}
