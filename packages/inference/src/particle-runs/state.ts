import type { Diagnostic } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import type { ExactDraws } from '../dp/index.ts';
import type { Ancestry, Draw, Factor, NoMachine, Request, Target } from '../port/index.ts';
import type { Resampler } from '../resampling/index.ts';
import type { Extension, ParticleRun } from '../smc/index.ts';
import type { RunTotals } from './totals.ts';

/** What one run leaves behind: particles of positive weight, and sums over them. Logs in nats. */
export interface RunChunk {
  readonly logZ: number;
  readonly tokens: Int32Array;
  readonly offsets: Int32Array;
  readonly finished: Uint8Array;
  readonly logPrior: Float64Array;
  readonly logFactor: Float64Array;
  /** Unnormalised: Σ exp / particles is Ẑ. */
  readonly logWeights: Float64Array;
  /** Weighted means of each named function, of log γ and of log φ; of a single run `lineages` has them. */
  readonly means: Float64Array;
  /** Least and largest value of each named function. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  /** Σ of squared shares of the weight over what descends from different first particles. */
  readonly lineageSquares: number;
  /** Of a single run: what descends from each first particle, as weight and means like those above. */
  readonly lineages: { readonly logWeights: Float64Array; readonly means: readonly Float64Array[] } | undefined;
  readonly killed: Int32Array;
  readonly ancestry: Ancestry | undefined;
  readonly lastDeath: ParticleRun['lastDeath'];
  readonly resamplings: number;
  readonly sampled: number;
  readonly constraintCalls: number;
  readonly constraintQuestions: number | undefined;
  /** log Ẑ of a conditional run with an exact draw among its particles. */
  readonly conditionalLogZ: number | undefined;
}

/** What is worked out before the first run. */
export interface RunsPlan {
  readonly particles: number;
  readonly expansion: number;
  readonly runs: number;
  readonly resampler: Resampler;
  readonly extension: Extension;
  /** Exact draws for the upper bound; a reason where there are none, undefined where no bound is asked for. */
  readonly exactDraws: ExactDraws | NoMachine | undefined;
}

/** Options that the runs of every particle engine go by. */
export interface RunsOptions {
  readonly essThreshold: number;
  /** Keep the ancestry of every run. */
  readonly ancestry: boolean;
  /** Draws by particle-independent Metropolis–Hastings. */
  readonly pimh: boolean;
}

export interface RunsState {
  readonly engine: string;
  /** Engines to try in place of this one, in words. */
  readonly others: string;
  readonly target: Target;
  readonly lambda: readonly number[] | null;
  readonly factors: readonly Factor[];
  readonly options: RunsOptions;
  readonly request: Request;
  readonly plan: RunsPlan;
  readonly chooser: Chooser;
  readonly warnings: readonly Diagnostic[];
  readonly runs: RunChunk[];
  readonly totals: RunTotals;
  /** Texts of the prior that were taken before the first run. */
  readonly pilotCalls: number;
  /** Draws chosen from the runs, once they are. */
  chosen: ChosenDraws | undefined;
}

export interface ChosenDraws {
  readonly draws: readonly Draw[];
  /** Runs that some draw came from. */
  readonly distinctRuns: number;
  /** Accepted share of the proposals of particle-independent Metropolis–Hastings. */
  readonly acceptanceRate: number | null;
}
