/**
 * The single seam through which all randomness flows. An implementation either follows a seeded stream of random
 * numbers or visits every path of a program's choices in turn (exhaustive traces).
 */
export interface Chooser {
  /** Draws an index with probability ∝ exp(logWeights[i]); entries may be `-Infinity`, not all of them. */
  choose(logWeights: ArrayLike<number>): number;
  /** A uniform number in [0, 1) with 53 random bits; absent where the chooser enumerates paths. */
  readonly uniform?: (() => number) | undefined;
  /** An independent chooser, a function of this one's seed and `label` alone: not of what was drawn so far. */
  split(label: string | number): Chooser;
}
