import type { Estimate } from '../port/index.ts';

/** Sum with compensation for what rounding drops (Neumaier 1974). */
function accurateSum(terms: Float64Array): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < terms.length; i++) {
    const x = terms[i];
    const next = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** exp(logWeights), divided by their sum; all zero where every weight is. */
export function normaliseWeights(logWeights: Float64Array): Float64Array {
  const weights = new Float64Array(logWeights.length);
  let max = -Infinity;
  for (let i = 0; i < weights.length; i++) if (logWeights[i] > max) max = logWeights[i];
  if (max === -Infinity) return weights;
  for (let i = 0; i < weights.length; i++) weights[i] = Math.exp(logWeights[i] - max);
  const total = accurateSum(weights);
  for (let i = 0; i < weights.length; i++) weights[i] /= total;
  return weights;
}

/** 1 / Σ Wᵢ² of normalised weights: the number of independent draws that would do as well (Kong 1992). */
export function effectiveSampleSize(weights: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < weights.length; i++) squares += weights[i] * weights[i];
  return squares === 0 ? 0 : 1 / squares;
}

/** Σ Wᵢ xᵢ, where a value of −∞ under a weight of zero counts nothing. */
export function weightedMean(weights: Float64Array, values: Float64Array): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    if (!Number.isFinite(values[i])) return -Infinity;
    const x = weights[i] * values[i];
    const next = sum + x;
    // Compensated as in `accurateSum`, without an array of the terms.
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** √(N/(N−1) Σ ψᵢ²): standard error from the influence ψᵢ of each proposal on an estimate. */
export function fromInfluences(size: number, influence: (i: number) => number): number | null {
  if (size < 2) return null;
  let squares = 0;
  for (let i = 0; i < size; i++) squares += influence(i) ** 2;
  return Math.sqrt((squares * size) / (size - 1));
}

/** Self-normalised mean with the delta method's standard error, √(Σ Wᵢ² (xᵢ − μ)²). */
export function weightedEstimate(weights: Float64Array, values: Float64Array): Estimate {
  const mean = weightedMean(weights, values);
  if (!Number.isFinite(mean)) return { value: mean, standardError: null };
  const influence = (i: number): number => (weights[i] === 0 ? 0 : weights[i] * (values[i] - mean));
  return { value: mean, standardError: fromInfluences(weights.length, influence) };
}

/**
 * Estimate of log Z − E(x) (for x = log γ the entropy) or, with `sign` −1, of E(x) − log Z (for x = log φ the KL divergence
 * to the prior). Both parts come from the same proposals, so their influences are subtracted before they are squared.
 */
export function relativeToLogZ(logZ: number, weights: Float64Array, values: Float64Array, sign: 1 | -1): Estimate {
  const mean = weightedMean(weights, values);
  const n = weights.length;
  const influence = (i: number): number =>
    weights[i] - 1 / n - (weights[i] === 0 ? 0 : weights[i] * (values[i] - mean));
  return { value: sign * (logZ - mean), standardError: fromInfluences(n, influence) };
}
