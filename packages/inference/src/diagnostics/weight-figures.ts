import { LogWeightMoments } from '../numeric/index.ts';
import type { Estimate, LogZEstimate } from '../port/index.ts';
import { shareStandardError } from './named.ts';
import { effectiveSampleSize, normaliseWeights, relativeToLogZ } from './snis.ts';

/** Columns of a sample of proposals, dead ones included; nats. */
export interface WeightedColumns {
  readonly logWeights: Float64Array;
  readonly logFactors: Float64Array;
  /** log γ of each. */
  readonly logGammas: Float64Array;
}

export interface WeightFigures {
  readonly moments: LogWeightMoments;
  readonly ess: number;
  readonly logZ: LogZEstimate;
  readonly entropy: Estimate;
  readonly klToPrior: Estimate;
}

function widened<T extends { readonly standardError: number | null }>(e: T, by: number): T {
  return by === 0 || e.standardError === null ? e : { ...e, standardError: Math.hypot(e.standardError, by) };
}

/**
 * log Ẑ = log mean w, entropy log Ẑ − E log γ and KL to the prior E log φ − log Ẑ of a sample of a size that was fixed
 * beforehand, with errors that know that all three come from the same weights. `mayVary` is false where weights cannot
 * differ; elsewhere a sample that shows no spread does not prove that there is none, and the errors say so.
 */
export function weightFigures({ logWeights, logFactors, logGammas }: WeightedColumns, mayVary: boolean): WeightFigures {
  const moments = new LogWeightMoments();
  for (const w of logWeights) moments.add(w);
  const weights = normaliseWeights(logWeights);
  const doubt = mayVary && moments.logMeanStandardError === 0 ? shareStandardError(1, moments.count) : 0;
  const logZ = moments.logMean;
  return {
    moments,
    ess: effectiveSampleSize(weights),
    logZ: widened({ value: logZ, standardError: moments.logMeanStandardError, kind: 'unbiased' }, doubt),
    entropy: widened(relativeToLogZ(logZ, weights, logGammas, 1), doubt),
    klToPrior: widened(relativeToLogZ(logZ, weights, logFactors, -1), doubt),
  };
}
