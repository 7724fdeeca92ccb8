import type { Diagnostic } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import type { Continuation } from '../../continuation/index.ts';
import type { Draw, Factor, Request, Target } from '../../port/index.ts';

export interface MhOptions {
  readonly proposal: string;
  readonly independence: number;
  readonly chains: number;
  readonly warmup: number;
  readonly thin: number;
  readonly steps: number;
  readonly extend: number;
  readonly starts: number;
  readonly batch: number;
}

/** Where a chain stands; logs in nats. Never changed: a move that is accepted makes a new one. */
export interface ChainState {
  readonly tokens: Int32Array;
  readonly finished: boolean;
  readonly logPrior: number;
  readonly logFactor: number;
  /** log γ − log q for independence moves from q; NaN while it is not known. It is log φ where q is the prior. */
  readonly logWeight: number;
}

export const MOVES = ['independence', 'suffix'] as const;
export type Move = (typeof MOVES)[number];

export interface MoveCount {
  readonly tried: number;
  readonly accepted: number;
}

/** What one chain did in one chunk. */
export interface ChainSegment {
  readonly last: ChainState;
  /** The states that were recorded, without repetitions in a row. */
  readonly visited: readonly ChainState[];
  /** For each recorded step the index of its state in `visited`. */
  readonly recorded: Int32Array;
  /** Values of each named function at the visited states. */
  readonly named: readonly Float64Array[];
  /** Moves after warm-up. */
  readonly moves: Readonly<Record<Move, MoveCount>>;
  /** Tokens that were drawn. */
  readonly tokens: number;
}

/** What a chunk is told: the states of its chains, and how many steps it takes (a budget may cut the last one). */
export interface SegmentInput {
  readonly chains: readonly ChainState[];
  readonly steps: number;
}

/** What is kept of one chain after warm-up; grows. */
export interface ChainHistory {
  readonly visited: ChainState[];
  readonly recorded: number[];
  readonly named: number[][];
  readonly moves: Record<Move, { tried: number; accepted: number }>;
}

/** Lengths of a run, in steps of each chain. */
export interface Plan {
  readonly chains: number;
  readonly warmup: number;
  readonly thin: number;
  /** States recorded of each chain, unless a budget cuts the run. */
  readonly recorded: number;
  /** The most that they may become where the verdict asks for more. */
  readonly most: number;
  /** Draws handed out of each chain; the last ones of some chains may be left over. */
  readonly drawsPerChain: number;
}

export interface MhState {
  readonly target: Target;
  readonly lambda: readonly number[] | null;
  readonly factors: readonly Factor[];
  readonly options: MhOptions;
  readonly request: Request;
  readonly chooser: Chooser;
  plan: Plan;
  readonly continuation: Continuation;
  readonly warnings: Diagnostic[];
  /** Starts found so far; texts tried for them, and those of weight zero by the factor that killed them. */
  readonly starts: ChainState[];
  readonly killed: number[];
  startsTried: number;
  startBatches: number;
  /** States of the chains, once all have a start. */
  chains: readonly ChainState[] | undefined;
  readonly history: readonly ChainHistory[];
  /** Steps that each chain takes in all, and has taken; the first is known once the starts are. */
  total: number;
  taken: number;
  /** Segments that the chains have gone through. */
  segments: number;
  readonly draws: Draw[];
  modelCalls: number;
  tokens: number;
  /** Effective sample size of log γ for progress lines, and the records a chain had when it was computed. */
  essSoFar: { readonly at: number; readonly ess: number | null };
}
