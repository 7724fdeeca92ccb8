import { RunningMoments } from '../numeric/index.ts';
import type { Estimate } from '../port/index.ts';

/**
 * Weights C(i − 1, n − 1)/C(N, n) of the i-th smallest of N values, i from 1: the share of the subsets of n whose largest
 * value it is. Built from the top down, since the binomials themselves overflow.
 */
function orderWeights(size: number, n: number): Float64Array {
  const weights = new Float64Array(size);
  let w = n / size;
  for (let i = size; i >= n; i--) {
    weights[i - 1] = w;
    w *= i > 1 ? (i - n) / (i - 1) : 0;
  }
  return weights;
}

/** Σ weightᵢ rᵢ and Σ weightᵢ over the values that are not dead, as running sums: entry i is that of the first i values. */
function runningSums(
  sorted: Float64Array,
  weightAt: (i: number) => number,
): { value: Float64Array; alive: Float64Array } {
  const value = new Float64Array(sorted.length + 1);
  const alive = new Float64Array(sorted.length + 1);
  for (let i = 0; i < sorted.length; i++) {
    const live = sorted[i] > -Infinity;
    value[i + 1] = value[i] + (live ? weightAt(i) * sorted[i] : 0);
    alive[i + 1] = alive[i] + (live ? weightAt(i) : 0);
  }
  return { value, alive };
}

/** Standard error from the estimates that leave out one value (Tukey's jackknife), each in constant time. */
function jackknife(sorted: Float64Array, n: number): number | null {
  const size = sorted.length;
  const weights = orderWeights(size - 1, n);
  // Values below the one left out keep their rank, those above move down by one.
  const below = runningSums(sorted, (i) => weights[i] ?? 0);
  const above = runningSums(sorted, (i) => (i === 0 ? 0 : weights[i - 1]));
  const moments = new RunningMoments();
  for (let i = 0; i < size; i++) {
    const value = below.value[i] + above.value[size] - above.value[i + 1];
    const alive = below.alive[i] + above.alive[size] - above.alive[i + 1];
    if (alive === 0) return null;
    moments.add(value / alive);
  }
  return (size - 1) * Math.sqrt(moments.variance / size);
}

/**
 * E[max of n] from N ≥ n scored draws, Σ C(i − 1, n − 1)/C(N, n) r₍ᵢ₎: unbiased (Coste's formula, `algorithms.md` 7). Values of
 * `-Infinity` are dead draws; subsets of dead draws alone return nothing and are left out, which makes it a ratio of two
 * unbiased estimates. Null for fewer than n values, or where all are dead.
 */
export function meanBest(values: Float64Array, n: number): Estimate | null {
  const sorted = values.slice().sort();
  const size = sorted.length;
  if (size < n || sorted[size - 1] === -Infinity) return null;
  const weights = orderWeights(size, n);
  const sums = runningSums(sorted, (i) => weights[i]);
  return { value: sums.value[size] / sums.alive[size], standardError: size > n ? jackknife(sorted, n) : null };
}
