import type { Diagnostic } from '@postulate/graph';
import type {
  Approximation,
  Checkpoint,
  Comparison,
  Guarantee,
  Progress,
  StepMetrics,
  Target,
} from '@postulate/inference';

export type { Comparison } from '@postulate/inference';

/** How a source is loaded. */
export interface LoadOptions {
  /** Values for the file's `param`s, in place of their defaults. */
  readonly params?: Readonly<Record<string, number>>;
  /** Folder that the relative paths of the source start from; default: the folder of the file, or the working folder. */
  readonly directory?: string;
  /** Whether sampling may run the file's `extern` modules; default true. */
  readonly allowExtern?: boolean;
  /** What evaluates neural priors: `onnxruntime-node`, `onnxruntime-web`, …. Default: the best that loads. */
  readonly runtime?: string;
  /** Fetch no model from the hub: what is not in the cache is an error. */
  readonly offline?: boolean;
  /** Where trained models are kept; null keeps none. Default: a folder of the user's cache. */
  readonly cacheDirectory?: string | null;
  /** Told when something long begins: training, caching. */
  readonly onMessage?: (message: string) => void;
  /** Warnings that stop nothing, such as a cache that cannot be written (P504). */
  readonly onWarning?: (warning: Diagnostic) => void;
}

/** One text of an approximation. Logs are natural. */
export interface TextDraw {
  readonly text: string;
  readonly tokens: readonly string[];
  /** False where the sequence was stopped at `max_tokens`. */
  readonly finished: boolean;
  /** Log prior probability of the token sequence. */
  readonly logPrior: number;
  /** Σ log φ(x) over the factors, moments included. */
  readonly logFactor: number;
  /** Unnormalised log importance weight; 0 for exact and unweighted draws. */
  readonly logWeight: number;
  /** Value of the file's context variable, where it has one. */
  readonly context?: string;
}

/** Where the results of finished chunks of work are kept, so that a run can be taken up again where it was. */
export interface Journal {
  /** Whether chunk `index` of that member of the family, without an input, is there. */
  has(member: number, index: number): boolean;
  find(member: number, index: number, input: unknown): { readonly result: unknown } | undefined;
  keep(member: number, index: number, input: unknown, result: unknown): void;
}

/** How a posterior is approximated. Nothing here changes what is approximated. */
export interface RunOptions {
  /** Name of an engine; default `auto`. */
  readonly engine?: string;
  /** Draws wanted; default 100. 0 asks for the figures alone. */
  readonly n?: number;
  /** Seed of all randomness; default `"0"`. Equal seeds give equal draws. */
  readonly seed?: string;
  /** The engine's own options. */
  readonly options?: Readonly<Record<string, number | boolean | string>>;
  /** Run folder of a fitted policy, from which the engine proposes in place of the prior. */
  readonly proposal?: string;
  /** Most sequences the prior may be asked for. */
  readonly budget?: number;
  /** Most milliseconds the run may take; what is finished by then is kept. */
  readonly timeLimit?: number;
  /** Which named scores and events to report; default all. */
  readonly expect?: readonly string[];
  /** Stops the run after its current step; what is finished by then is kept. */
  readonly signal?: AbortSignal;
  /**
   * Worker threads that share the engine's work; the draws are the same for any number. Default 1, which starts none.
   * `auto`: one for each processor, once a run has gone on for a second. Each loads the file and its externs anew.
   */
  readonly workers?: number | 'auto';
  /** Finished chunks of the engine's work are taken from it rather than done, and put into it. */
  readonly journal?: Journal;
  /** Told when a worker is missing, and how far the preparation of a run is where that takes long. */
  readonly onMessage?: (message: string) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Draws as they become final. */
  readonly onDraws?: (draws: readonly TextDraw[]) => void;
  /** Results as they are there: one for each context of a family. */
  readonly onResult?: (result: Result) => void;
  /** What a run has come to where something outside, such as a model server, breaks it off; the error is thrown after that. */
  readonly onBroken?: (result: Result) => void;
}

/** Which engines are set against each other, and how long they may go on. */
export interface CompareRequest {
  readonly engines: readonly string[];
  /** Draws each engine is asked for; default 1000. */
  readonly n?: number;
  readonly seed?: string;
  /** Run folder of a fitted policy, from which the engines that can propose from a law do so. */
  readonly proposal?: string;
  /** Options by engine. */
  readonly options?: Readonly<Record<string, Readonly<Record<string, number | boolean | string>>>>;
  /** Most sequences that each engine may ask the prior for. */
  readonly budget?: number;
  /** Which named scores and events to report; default all. */
  readonly expect?: readonly string[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (engine: string, progress: Progress) => void;
}

/** Names of the tokens that `details.ancestry` speaks of by number, and what stands between two tokens of a text. */
export interface TokenNames {
  readonly tokens: Readonly<Record<number, string>>;
  readonly separator: string;
}

/** What a run found: the engine's approximation with texts in place of token numbers. */
export interface Result extends Omit<Approximation, 'draws'> {
  readonly posterior: string;
  readonly graphHash: string;
  readonly seed: string;
  /** Value of the file's context variable, where it has one. */
  readonly context?: string;
  readonly draws: readonly TextDraw[];
  /** Where `details` has an ancestry. */
  readonly names?: TokenNames;
  /** True where `signal`, `timeLimit` or something that went wrong outside ended the run early. */
  readonly stopped: boolean;
}

/** One step of a training run; `seconds` is how long it took. */
export interface FitStep extends StepMetrics {
  readonly seconds: number;
}

/** Where a training run is kept. */
export interface FitFolder {
  /** What to go on from; undefined for the beginning. */
  resumed(): Checkpoint | undefined;
  log(step: FitStep): void;
  /** Puts a checkpoint and the policy in place, each whole or not at all. */
  keep(checkpoint: Checkpoint, policy: Uint8Array): void;
}

/** How a policy is trained. Nothing here changes what it is trained towards. */
export interface FitOptions {
  /** Name of an engine that trains. */
  readonly engine: string;
  /** The engine's own options. */
  readonly options?: Readonly<Record<string, number | boolean | string>>;
  /** Default `"0"`. */
  readonly seed?: string;
  /** Draws of the trained policy to hand out, for each context; default 100. */
  readonly draws?: number;
  /** Which named scores and events to report; default all. */
  readonly expect?: readonly string[];
  /** Stops the run after its current step. */
  readonly signal?: AbortSignal;
  /** Steps between two checkpoints; default 50. */
  readonly checkpointEvery?: number;
  readonly folder?: FitFolder;
  /** Told how far the preparation of the run is, where that takes long. */
  readonly onMessage?: (message: string) => void;
  readonly onStep?: (step: FitStep) => void;
}

export interface FitResult {
  readonly engine: string;
  /** With every default filled in. */
  readonly options: Readonly<Record<string, number | boolean | string>>;
  /** Steps taken. */
  readonly steps: number;
  /** Numbers that were trained. */
  readonly parameters: number;
  /** The policy measured against the posterior of each context; empty where the run was stopped. */
  readonly results: readonly Result[];
  /** Contexts that were only evaluated. */
  readonly heldOut: readonly string[];
  readonly stopped: boolean;
  /** Why it ended before its last step. */
  readonly reason?: string;
}

/** Whether an engine can run a posterior. */
export interface EngineFitness {
  readonly name: string;
  readonly summary: string;
  readonly guarantee: Guarantee;
  readonly fits: boolean;
  /** What is worth knowing where it fits; why not where it does not. */
  readonly note?: string;
  readonly diagnostic?: Diagnostic;
}

/** A posterior of a loaded file. */
export interface Posterior {
  readonly name: string;
  /** Equal hashes mean equal definitions; values of params count, names and layout do not. */
  readonly graphHash: string;
  /** Opens files and trains models now rather than on first use. */
  prepare(): Promise<void>;
  /**
   * Draws, as they come (`onProgress` and `onDraws` are not called). With a context: `n` draws for each of its values in turn.
   * @throws PostError where the posterior cannot be run so, or the run is degenerate; P902 where `signal` stopped it.
   */
  sample(options?: RunOptions): AsyncGenerator<TextDraw, void, undefined>;
  /**
   * A full run: draws and figures. A file with a context needs `runAll`.
   * @throws PostError where the posterior cannot be run so, or the run is degenerate.
   */
  run(options?: RunOptions): Promise<Result>;
  /** One run for each value of the file's context, in order; one in all where it has none. */
  runAll(options?: RunOptions): Promise<readonly Result[]>;
  /**
   * The same posterior by several engines, beside its prior and its exact (else best estimated) answer; one comparison for
   * each value of the file's context. An engine that refuses or fails is a line of the comparison.
   */
  compare(request: CompareRequest): Promise<readonly Comparison[]>;
  /**
   * Trains a policy towards it, one for all values of the context.
   * @throws PostError where the posterior cannot be trained so, or training goes astray; messages name the step.
   */
  fit(options: FitOptions): Promise<FitResult>;
  /** What engines and tests see of it, one for each value of the context: `expect(posterior).toNeverProduce(…)` asks for it. */
  targets(): Promise<readonly Target[]>;
  /** Ids of its priors, one for each value of the context: equal ids mean equal distributions. */
  models(): Promise<readonly string[]>;
  /** Which engines can run it, and why the others cannot. */
  engines(): Promise<readonly EngineFitness[]>;
}
