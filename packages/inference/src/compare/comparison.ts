import type { Vocabulary } from '@postulate/models';
import type { Approximation, Estimate, Guarantee, LogZEstimate } from '../port/index.ts';

/** Expectations of the named scores and events under one distribution. */
export type Expectations = Readonly<Record<string, Estimate | null>>;

/** How much variety a set of draws has, all at the same number of texts. */
export type Diversity = Readonly<Record<string, Estimate | null>>;

/** EngineDivergences between the posterior p and the law q of what an engine hands out, nats (TV without unit). */
export interface EngineDivergences {
  /** KL(p ‖ q). */
  readonly klForward: Estimate | null;
  /** KL(q ‖ p). */
  readonly klReverse: Estimate | null;
  readonly tv: Estimate | null;
  readonly js: Estimate | null;
}

/** What a run cost. */
export interface Cost {
  /** Sequences the prior was asked to draw or score. */
  readonly modelCalls: number;
  /** Texts that factors were evaluated on. */
  readonly factorCalls: number;
  /** Tokens drawn from the prior; null where the engine draws none. */
  readonly tokens: number | null;
  readonly seconds: number;
}

/** The largest deviation from the reference, in standard errors of both, and of what. */
export interface Agreement {
  readonly worst: number;
  readonly of: string;
}

/** One engine beside the others. */
export type Compared =
  | { readonly kind: 'refused' | 'failed'; readonly engine: string; readonly code: string; readonly message: string }
  | ComparedRun;

export interface ComparedRun {
  readonly kind: 'ran';
  readonly engine: string;
  readonly guarantee: Guarantee;
  readonly result: Approximation;
  /** Expectations under what the engine hands out, which for an approximate law are not those of the posterior. */
  readonly expectations: Expectations;
  readonly divergences: EngineDivergences;
  /** Why a divergence is null, where that is not plain. */
  readonly divergenceNote: string | undefined;
  /** TV between the histogram of its draws and the listed posterior, and what as many exact draws would show. */
  readonly histogram: { readonly tv: number; readonly ofExactDraws: number } | null;
  /** Entropy of the law of its draws, nats; null where that is not known. */
  readonly entropy: Estimate | null;
  readonly diversity: Diversity;
  readonly agreement: Agreement | null;
  readonly cost: Cost;
}

/** What every engine is held against. */
export interface Reference {
  readonly engine: string;
  /** Whether its figures are exact rather than estimates. */
  readonly exact: boolean;
  readonly logZ: LogZEstimate | null;
  /** The tightest bounds on log Z, in expectation, where an engine gave one; null in place of a side that none gave. */
  readonly bounds: { readonly lower: Estimate | null; readonly upper: Estimate | null } | null;
  readonly entropy: Estimate | null;
  readonly klToPrior: Estimate | null;
  readonly expectations: Expectations;
  readonly diversity: Diversity;
}

/**
 * The same posterior by several engines. Two failures are told apart: a posterior that does not say what was wanted shows
 * in `prior` beside `reference`, a bad approximation in an engine beside `reference`.
 */
export interface Comparison {
  readonly posterior: string;
  readonly graphHash: string;
  readonly context: Readonly<Record<string, string>>;
  readonly seed: string;
  /** Of the prior, to read tokens by. */
  readonly vocabulary: Vocabulary;
  /** Draws each engine was asked for. */
  readonly draws: number;
  readonly prior: {
    readonly how: string;
    readonly expectations: Expectations;
    readonly entropy: Estimate | null;
    readonly diversity: Diversity;
  };
  readonly reference: Reference | null;
  readonly engines: readonly Compared[];
}
