import { normaliseWeights } from '../diagnostics/index.ts';
import type { RunsState } from './state.ts';

/**
 * What estimates and their errors are made of: independent runs, each with its Ẑ and its own weighted means; of a single
 * run what descends from each of its first particles, which is as good as independent.
 */
export interface Units {
  readonly logWeights: Float64Array;
  /** Normalised. */
  readonly weights: Float64Array;
  /** One array for each named function, then log γ and log φ. */
  readonly columns: readonly Float64Array[];
}

export function unitsOf(s: RunsState): Units {
  const single = s.runs.length === 1 ? s.runs[0].lineages : undefined;
  const logWeights = single?.logWeights ?? Float64Array.from(s.runs, (r) => r.logZ);
  const count = s.target.named.length + 2;
  const columns =
    single?.means ?? Array.from({ length: count }, (_, j) => Float64Array.from(s.runs, (r) => r.means[j]));
  return { logWeights, weights: normaliseWeights(logWeights), columns };
}

/** Particles that would do as well were they independent: what has a common ancestor counts as one. */
export function effectiveParticles(s: RunsState): number {
  const shares = normaliseWeights(Float64Array.from(s.runs, (r) => r.logZ));
  const squares = s.runs.reduce((sum, r, k) => sum + shares[k] ** 2 * r.lineageSquares, 0);
  return squares === 0 ? 0 : 1 / squares;
}
