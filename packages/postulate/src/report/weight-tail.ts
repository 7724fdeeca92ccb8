/** What there is to say of the weights of a run. */
export interface WeightFigures {
  readonly count: number;
  readonly zero: number;
  /** Log weights that are not −∞, the largest first; nats. */
  readonly sorted: Float64Array;
  /** Whether all that are not zero are equal. */
  readonly constant: boolean;
  /** Of all weight, the share of the largest one. */
  readonly largestShare: number;
  /** log of the mean weight, zeros included; nats. */
  readonly logMean: number;
}

export function weightFigures(logWeights: ArrayLike<number>): WeightFigures {
  const sorted = Float64Array.from(logWeights)
    .filter((w) => w > -Infinity)
    .sort()
    .reverse();
  const count = logWeights.length;
  const sum = sorted.reduce((s, w) => s + Math.exp(w - sorted[0]), 0);
  return {
    count,
    zero: count - sorted.length,
    sorted,
    constant: sorted.length === 0 || sorted[0] - sorted[sorted.length - 1] < 1e-9,
    largestShare: 1 / sum,
    logMean: sorted[0] + Math.log(sum / count),
  };
}

/** Log weight that a share of the weights, zeros left out, lies below. */
export function quantile({ sorted }: WeightFigures, share: number): number {
  return sorted[Math.round((1 - share) * (sorted.length - 1))];
}

/** Most points of a tail. */
const POINTS = 200;

/** Share of all weights that is at least as large, at weights relative to the mean one; denser towards the heavy end. */
export function tailOf({ count, sorted, logMean }: WeightFigures) {
  const picks = new Set<number>();
  for (let i = 0; i < POINTS; i++) picks.add(Math.floor(sorted.length ** (i / (POINTS - 1))) - 1);
  return [...picks].map((i) => ({ weight: Math.exp(sorted[i] - logMean), share: (i + 1) / count }));
}
