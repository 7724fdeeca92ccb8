/** Least number of weights in a tail that a Pareto distribution is fitted to. */
const LEAST_TAIL = 5;

export interface ParetoSmoothed {
  /** Estimated shape of the tail; null where the weights have no tail to fit (constant or indicator-like). */
  readonly k: number | null;
  /** Log weights with the tail replaced by expected order statistics, cut at the largest raw weight. */
  readonly logWeights: Float64Array;
}

/** Generalised Pareto fit of ascending exceedances (Zhang & Stephens 2009) with a weak prior on k (Vehtari et al. 2024). */
export function fitPareto(exceedances: Float64Array): { readonly k: number; readonly sigma: number } {
  const n = exceedances.length;
  const points = 30 + Math.floor(Math.sqrt(n));
  const priorScale = 3;
  const quartile = exceedances[Math.floor(n / 4 + 0.5) - 1];
  const largest = exceedances[n - 1];
  const b = Float64Array.from(
    { length: points },
    (_, j) => (1 - Math.sqrt(points / (j + 0.5))) / (priorScale * quartile) + 1 / largest,
  );
  const shape = (bj: number): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.log1p(-bj * exceedances[i]);
    return sum / n;
  };
  const logLikelihood = b.map((bj) => {
    const k = shape(bj);
    return n * (Math.log(-bj / k) - k - 1);
  });
  let mean = 0;
  let total = 0;
  for (let j = 0; j < points; j++) {
    let inverse = 0;
    for (let i = 0; i < points; i++) inverse += Math.exp(logLikelihood[i] - logLikelihood[j]);
    const weight = 1 / inverse;
    if (!(weight >= 10 * Number.EPSILON)) continue;
    mean += weight * b[j];
    total += weight;
  }
  mean /= total;
  const k = shape(mean);
  return { k: (n * k + 10 * 0.5) / (n + 10), sigma: -k / mean };
}

/** Number of the largest of `size` weights that make up the tail, for independent draws. */
export function tailSize(size: number): number {
  return Math.max(LEAST_TAIL, size > 225 ? Math.floor(3 * Math.sqrt(size)) : Math.floor(size / 5));
}

/** Inverse distribution function of the generalised Pareto distribution. */
const paretoQuantile = (p: number, k: number, sigma: number): number =>
  Math.abs(k) < 1e-12 ? -sigma * Math.log1p(-p) : (sigma * Math.expm1(-k * Math.log1p(-p))) / k;

/** Which weights are above the cutoff, relative to the largest, in order. */
function indicesAbove(logWeights: Float64Array, max: number, cutoff: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < logWeights.length; i++) if (logWeights[i] - max > cutoff) found.push(i);
  return found;
}

/**
 * Pareto-smoothed importance sampling: fits the tail of the weights and smooths it (Vehtari, Simpson, Gelman, Yao &
 * Gabry 2024). `logWeights` may hold `-Infinity`; nats. Weights that are all equal, or whose tail is one value, have no
 * fit: k is null and the weights are returned as they are.
 */
export function paretoSmooth(logWeights: Float64Array): ParetoSmoothed {
  const untouched = { k: null, logWeights };
  const n = logWeights.length;
  const tail = tailSize(n);
  if (n <= tail) return untouched;
  const ascending = logWeights.slice().sort();
  const max = ascending[n - 1];
  if (max === -Infinity) return untouched;
  // Weights below the smallest normal double count as that, so that a threshold of zero stays a threshold.
  const cutoff = Math.max(ascending[n - tail - 1] - max, Math.log(Number.MIN_VALUE * 2 ** 52));
  const threshold = Math.exp(cutoff);
  const above = indicesAbove(logWeights, max, cutoff).sort((a, b) => logWeights[a] - logWeights[b]);
  if (above.length < LEAST_TAIL || Math.exp(logWeights[above[0]] - max) - threshold >= 1 - threshold - 1e-12) {
    return untouched;
  }
  const { k, sigma } = fitPareto(Float64Array.from(above, (i) => Math.exp(logWeights[i] - max) - threshold));
  if (!Number.isFinite(k)) return untouched;
  const smoothed = logWeights.slice();
  above.forEach((i, rank) => {
    const value = Math.log(paretoQuantile((rank + 0.5) / above.length, k, sigma) + threshold) + max;
    smoothed[i] = Math.min(value, max);
  });
  return { k, logWeights: smoothed };
}

/** Above this k̂ the estimates of a run of `size` draws are not to be relied on: min(1 − 1/log₁₀ S, 0.7). */
export function goodParetoK(size: number): number {
  return Math.min(1 - 1 / Math.log10(size), 0.7);
}
