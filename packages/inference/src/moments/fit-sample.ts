import { inverse, Matrix } from 'ml-matrix';
import { tableDual } from './dual.ts';
import { fitOnTable, type PlacedGoal } from './fit-table.ts';

export interface SampleFit {
  readonly lambda: Float64Array;
  /** Of each λ, by the delta method; 0 where an inequality is slack. */
  readonly standardErrors: Float64Array;
  /** Effective size (Σw)² / Σw² of the sample under the fitted weights. */
  readonly ess: number;
}

/**
 * λ fitted on a weighted sample: `values` is row-major, draws × goals, `logWeights` the log importance weights of the
 * draws (0 for draws of the distribution itself). Standard errors are those of the M-estimator that solves
 * Σ w exp(λ·f)(f − m) = 0: H⁻¹ (Σ p² (f−m)(f−m)ᵀ) H⁻¹ with H the covariance under the fitted weights p.
 * @throws P405 where a goal lies outside what the sample shows.
 */
export async function fitMomentsOnSample(
  values: Float64Array,
  logWeights: Float64Array,
  goals: readonly PlacedGoal[],
): Promise<SampleFit> {
  const lambda = await fitOnTable(values, logWeights, goals);
  const k = goals.length;
  const point = tableDual(values, logWeights, goals)(lambda);
  const score = Array.from({ length: k }, () => new Float64Array(k));
  let squares = 0;
  for (let i = 0; i < logWeights.length; i++) {
    let log = logWeights[i];
    for (let a = 0; a < k; a++) log += lambda[a] === 0 ? 0 : lambda[a] * (values[i * k + a] - goals[a].value);
    const p = Math.exp(log - point.value);
    squares += p * p;
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < k; b++) {
        score[a][b] += p * p * (values[i * k + a] - goals[a].value) * (values[i * k + b] - goals[b].value);
      }
    }
  }
  const active = goals.map((_, i) => i).filter((i) => goals[i].relation === '=' || lambda[i] !== 0);
  const standardErrors = new Float64Array(k);
  if (active.length > 0) {
    const pick = (m: readonly Float64Array[]): Matrix => new Matrix(active.map((a) => active.map((b) => m[a][b])));
    const h = inverse(pick(point.hessian), true);
    const covariance = h.mmul(pick(score)).mmul(h);
    active.forEach((a, i) => (standardErrors[a] = Math.sqrt(Math.max(0, covariance.get(i, i)))));
  }
  return { lambda, standardErrors, ess: 1 / squares };
}
