/**
 * The single seam through which all randomness flows. An implementation either follows a seeded stream of random
 * numbers or visits every path of a program's choices in turn (exhaustive traces).
 */
export interface Chooser {
  /** Draws an index with probability ∝ exp(logWeights[i]); entries may be `-Infinity`, not all of them. */
  choose(logWeights: ArrayLike<number>): number;
  /** A uniform number in [0, 1) with 53 random bits; absent where the chooser enumerates paths. */
  readonly uniform?: (() => number) | undefined;
  /** There where `uniform` is: its next numbers, as many as `out` holds, at less than half the cost. */
  fill?(out: Float64Array): void;
  /** Takes the last `count` numbers of the last `fill` back, so that they come again; nothing may have been drawn since. */
  giveBack?(count: number): void;
  /** An independent chooser, a function of this one's seed and `label` alone: not of what was drawn so far. */
  split(label: string | number): Chooser;
}
