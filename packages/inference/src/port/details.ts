import type { Estimate } from './estimate.ts';

/** Particles of one run of sequential Monte Carlo, generation by generation. */
export interface Ancestry {
  /**
   * Per generation: for each particle the index of its parent in the generation before, the token it drew (V for the end
   * of sequence, −1 where it had ended before), its log weight after weighing, and whether a resampling followed.
   */
  readonly generations: readonly {
    readonly parents: Int32Array;
    readonly tokens: Int32Array;
    readonly logWeights: Float64Array;
    readonly resampled: boolean;
  }[];
  /** Where the last particle died, if all did: the factor that killed it and its prefix. */
  readonly lastDeath?: { readonly factor: string; readonly prefix: string };
}

/** Chains of a Markov chain sampler, after warm-up: functional → chain → values, in order. */
export interface Chains {
  readonly functionals: readonly {
    readonly name: string;
    readonly chains: readonly Float64Array[];
    /** Rank-normalised split R̂; null where the functional did not move. */
    readonly rHat: number | null;
    readonly bulkEss: number | null;
    readonly tailEss: number | null;
  }[];
  /** Accepted share of moves, by kind of move, per chain. */
  readonly acceptance: readonly Readonly<Record<string, number>>[];
}

/** One point of the trade-off of quasi-rejection. */
export interface ThresholdPoint {
  /** log of the acceptance constant M. */
  readonly logThreshold: number;
  readonly acceptanceRate: Estimate;
  /** Total variation to the posterior, by importance weights. */
  readonly tv: Estimate;
  /** KL(posterior ‖ what is drawn), nats. */
  readonly kl: Estimate;
  /** 1 − posterior mass of the texts whose weight is at most M: an upper bound of the total variation. */
  readonly tvBound: Estimate;
}

/** What a run knew at one moment. */
export interface TracePoint {
  /** Sequences the prior had been asked for. */
  readonly modelCalls: number;
  readonly draws: number;
  readonly ess: number | null;
  /** Nats. */
  readonly logZ: number | null;
  readonly acceptanceRate: number | null;
}

/** What a report shows beyond the figures; every part is there only where the engine has it. */
export interface Details {
  /** Unnormalised log weights of proposals or particles, before any resampling; nats. */
  readonly logWeights?: Float64Array;
  /** How the figures developed, at most some 200 moments. */
  readonly trace?: readonly TracePoint[];
  readonly ancestry?: readonly Ancestry[];
  readonly chains?: Chains;
  readonly curve?: readonly ThresholdPoint[];
  /** Two-sided bound on log Z (`algorithms.md` 5.3); null in place of a side that cannot be had. */
  readonly bounds?: { readonly lower: Estimate | null; readonly upper: Estimate | null };
  /** Expectations of what is drawn itself, where the expectations given are those of the posterior. */
  readonly rawExpectations?: Readonly<Record<string, Estimate | null>>;
  /** Entropy of the law of what is drawn, where that is not the posterior and has a density; nats. */
  readonly lawEntropy?: Estimate | null;
  /** Divergences between the posterior and the law of what is drawn, by name: `tv`, `klForward`, `klReverse`, `js`. */
  readonly divergences?: Readonly<Record<string, Estimate | null>>;
}
