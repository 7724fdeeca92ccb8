import type { Diagnostic } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import type { ParetoSmoothed } from '../../diagnostics/index.ts';
import type { LogWeightMoments } from '../../numeric/index.ts';
import type { Draw, Factor, Request, Target } from '../../port/index.ts';
import type { Proposals } from './proposals.ts';

export interface ImportanceOptions {
  readonly proposals: number;
  readonly resample: boolean;
  readonly smooth: boolean;
  readonly batch: number;
  readonly proposal: string;
}

export interface ImportanceState {
  readonly target: Target;
  readonly lambda: readonly number[] | null;
  readonly factors: readonly Factor[];
  readonly options: ImportanceOptions;
  readonly request: Request;
  /** Proposals that end the run. */
  readonly wanted: number;
  /** The same, as far as the budget goes. */
  readonly most: number;
  readonly chooser: Chooser;
  readonly proposals: Proposals;
  /** The proposals themselves, where they are what is handed out. */
  readonly handed: Draw[];
  /** Proposals that each factor was the first to give weight zero; at the end those that the prior cannot produce. */
  readonly killed: number[];
  readonly weights: LogWeightMoments;
  readonly warnings: Diagnostic[];
  chunks: number;
  modelCalls: number;
  tokens: number;
  /** Draws chosen from the proposals, once they are. */
  chosen: readonly Draw[] | undefined;
  /** Weights of the proposals so far, once they have been smoothed. */
  smoothed: ParetoSmoothed | undefined;
}
