import type { Capability, Diagnostic } from '@postulate/graph';
import type { Chooser, LanguageModel, SequenceBatch } from '@postulate/models';
import type { Details } from './details.ts';
import type { Estimate, LogZEstimate } from './estimate.ts';
import type { Target } from './target.ts';

export type Guarantee =
  | 'exact'
  | 'exact draws'
  | 'consistent'
  | 'asymptotic'
  | 'properly weighted'
  | 'approximate'
  | 'heuristic'
  | 'variational';

/** One text that an engine hands out. Logs in nats. */
export interface Draw {
  readonly tokens: Int32Array;
  readonly finished: boolean;
  readonly logPrior: number;
  /** Σ log φ(x), the moments' exp(λ·f) included. */
  readonly logFactor: number;
  /** Unnormalised log importance weight; 0 for exact and unweighted draws. */
  readonly logWeight: number;
}

export interface RunDiagnostics {
  readonly ess: number | null;
  readonly paretoK: number | null;
  readonly acceptanceRate: number | null;
  /** Sequences the prior was asked to draw or score. */
  readonly modelCalls: number;
  /** `ok`, or why not to trust the run. */
  readonly verdict: string;
  /** Further figures by name (unique draws, dead fraction, states, …). */
  readonly extra: Readonly<Record<string, number>>;
}

export interface Approximation {
  readonly kind: 'exact' | 'draws' | 'weighted' | 'parametric';
  readonly engine: string;
  readonly guarantee: Guarantee;
  readonly draws: readonly Draw[];
  readonly logZ: LogZEstimate | null;
  readonly entropy: Estimate | null;
  readonly klToPrior: Estimate | null;
  readonly lambda: readonly number[] | null;
  /** Of every named function; null where this engine cannot tell, with the reason in `unavailable`. */
  readonly expectations: Readonly<Record<string, Estimate | null>>;
  /** Summed by text, where the engine is exact and the support has at most 4,096 texts. */
  readonly support: readonly { readonly text: string; readonly probability: number }[] | null;
  readonly diagnostics: RunDiagnostics;
  /** Why a figure is null: name of the figure → reason. */
  readonly unavailable: Readonly<Record<string, string>>;
  readonly warnings: readonly Diagnostic[];
  /** What a report shows beyond the figures. */
  readonly details?: Details;
  /** What was chosen for the user and why, a sentence each: the engine by `auto`, a twist or a threshold by an engine. */
  readonly reasons?: readonly string[];
}

/** What an engine needs of a target. */
export interface Requirement {
  readonly prior: readonly Capability[];
  readonly factors: readonly Capability[];
}

/** Says whether an engine can run a target; a refusal names what stands in the way. */
export type Fitness =
  | { readonly fits: true; readonly note?: string }
  | { readonly fits: false; readonly reason: string; readonly diagnostic: Diagnostic };

/** What a progress line shows; every field is "so far". */
export interface Progress {
  readonly phase: string;
  readonly draws: number;
  readonly wanted: number;
  readonly acceptanceRate?: number;
  readonly ess?: number;
  readonly logZ?: number;
  readonly modelCalls?: number;
  readonly tokens?: number;
}

export interface Step<State> {
  readonly state: State;
  /** Draws that are final as of this step, in the order they are to be handed out. */
  readonly draws: readonly Draw[];
  readonly progress: Progress;
  readonly done: boolean;
}

/** What every engine is told besides its own options. */
export interface Request {
  /** Draws wanted; 0 asks for figures only. */
  readonly draws: number;
  /** Most sequences the prior may be asked for; `Infinity` for no limit. */
  readonly budget: number;
  readonly signal?: AbortSignal | undefined;
  /** What is proposed from in place of the prior, where the run names one (option `proposal`). */
  readonly proposal?: ProposalLaw | undefined;
  /** Weighted draws of another engine to learn from, by target, where the run names one (option `source`). */
  readonly source?: readonly (readonly Draw[])[] | undefined;
  /** Has chunks done somewhere else, on worker threads or from a run folder; without it they are done in place. */
  readonly work?: Work | undefined;
  /** Told how far the preparation of a run is, where that takes long. */
  readonly tell?: ((message: string) => void) | undefined;
}

/** What goes on around the preparation of a run. */
export type Preparing = Pick<Request, 'signal' | 'tell'>;

/** A law to propose from, and what it took to make it. */
export interface ProposalLaw extends LanguageModel {
  /** Texts of the prior. */
  readonly modelCalls?: number;
  /** The same law made over another model of the same tokens in place of the prior, where it is made token by token. */
  readonly over?: (base: LanguageModel) => LanguageModel;
  /**
   * Rows of a law nearer to the posterior than this one, which is not drawn from: where the look-ahead goes by a table, the prior itself
   * is asked what the likeliest ways on are worth, `depth` tokens deep (`aheadRows`).
   */
  readonly ahead?: (depth: number) => Promise<AheadLaw>;
}

/** A law that looks ahead, along texts that are given. */
export interface AheadLaw {
  readonly law: RowsLaw;
  /** Texts of the prior that it took. */
  readonly modelCalls: number;
  /** Labels of factors that it does not look ahead of; undefined where its ψ is not what φ is expected to come to, but something cruder. */
  readonly leftOut: readonly string[] | undefined;
}

/**
 * log c(v | prefix) at every choice of a batch, choices × (V + 1) in the order of its texts, nats. At choices marked in `settled` it is
 * the prior's.
 */
export type RowsLaw = (batch: SequenceBatch, settled?: Uint8Array) => LawRows | Promise<LawRows>;

export interface LawRows {
  readonly rows: Rows;
  /** What its prefix says of log γ/c of a text before each choice, where the law knows: any function of the prefix is right. */
  readonly known?: Float64Array;
}
type Rows = Float32Array | Float64Array;

/** A chunk that an engine wants done. */
export interface Chunk {
  readonly index: number;
  readonly input: unknown;
  /** Most chunks that the run can need, `Infinity` where that is not known: none from this index on is ever asked for. */
  readonly most: number;
  /** Does it in place. */
  here(): unknown;
}

/** Gives what `chunk.here()` would have given, now or later, however it comes by it. */
export type Work = (chunk: Chunk) => unknown;

/**
 * An inference engine. `init`, then `step` until done or cancelled, then `finish`, which is legal at any time and
 * tells what is known so far. Options change cost and variance, never the target.
 */
export interface Engine<Options extends object = object, State = unknown> {
  readonly name: string;
  /** One line for `post engines`. */
  readonly summary: string;
  readonly guarantee: Guarantee;
  readonly requires: Requirement;
  readonly defaults: Readonly<Options>;
  /** One line per option: what it does, in which unit. */
  readonly optionHelp: Readonly<Record<keyof Options & string, string>>;
  /** Whether it can run a target, with options in place of its defaults where they are given. */
  fitness(target: Target, options?: Readonly<Options>): Fitness;
  init(target: Target, options: Readonly<Options>, request: Request, chooser: Chooser): State | Promise<State>;
  /**
   * The work of one chunk: a function of the options, of what `init` prepared, of `index` and of `input` alone, never of
   * what earlier steps found. Its randomness is `chooser.split(index)` of the chooser that `init` was given, so chunks can
   * be done in any order, anywhere, with the same result. The result can be cloned: plain objects, numbers, strings, typed
   * arrays, none of which the state holds on to. Where the request's signal aborts, a chunk may be cut short.
   */
  chunk?(state: State, index: number, input?: unknown): unknown;
  /** Most chunks that the run can need, so that none is done ahead in vain; without it there may be any number. */
  chunks?(state: State): number;
  /**
   * The law of what the engine draws, where it has a density: other engines can propose from it and correct it.
   * It does not depend on how many draws are asked for.
   */
  policy?(
    target: Target,
    options: Readonly<Options>,
    chooser: Chooser,
    world?: Preparing,
  ): ProposalLaw | Promise<ProposalLaw>;
  step(state: State, chooser: Chooser): Step<State> | Promise<Step<State>>;
  finish(state: State): Approximation | Promise<Approximation>;
}
