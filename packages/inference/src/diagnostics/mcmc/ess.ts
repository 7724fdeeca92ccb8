import { autocovariances } from '../../numeric/index.ts';
import { meanAndVariance } from './r-hat.ts';
import { informative, normalScores, pooled, quantileOf, splitChains, type ChainValues } from './ranks.ts';

/** Autocorrelation at each lag of several chains taken together; it stays high where their means differ. */
function correlationAt(chains: ChainValues): (lag: number) => number {
  const m = chains.length;
  const n = chains[0].length;
  const covariances = chains.map(autocovariances);
  const mean = (lag: number): number => covariances.reduce((sum, c) => sum + c[lag], 0) / m;
  const within = (mean(0) * n) / (n - 1);
  const between = m > 1 ? meanAndVariance(chains.map((c) => meanAndVariance(c).mean)).variance : 0;
  const total = mean(0) + between;
  return (lag) => (lag === 0 ? 1 : 1 - (within - mean(lag)) / total);
}

/**
 * Integrated autocorrelation time 1 + 2 Σ ρₜ by Geyer's initial monotone sequence (Geyer 1992): sums of neighbours
 * ρ₂ₖ + ρ₂ₖ₊₁ are taken while they are positive, none larger than the one before; the next even one is added alone.
 */
function autocorrelationTime(correlation: (lag: number) => number, n: number): number {
  let pair = 1 + correlation(1);
  let even = 1;
  let time = -1;
  let lag = 0;
  let last = Infinity;
  while (lag + 4 < n && pair > 0) {
    last = Math.min(last, pair);
    time += 2 * last;
    lag += 2;
    even = correlation(lag);
    pair = even + correlation(lag + 1);
  }
  return time + Math.max(0, even);
}

/** Size over autocorrelation time; at most size · log₁₀ size, for chains whose values alternate. */
function essOf(chains: ChainValues): number {
  const size = chains.length * chains[0].length;
  const first = chains[0][0];
  if (chains.every((c) => c.every((v) => v === first))) return size;
  const time = autocorrelationTime(correlationAt(chains), chains[0].length);
  return size / Math.max(time, 1 / Math.log10(size));
}

/** Effective sample size for the middle of the distribution: that of the normal scores of the split chains. */
export function bulkEss(chains: ChainValues): number | null {
  return informative(chains) ? essOf(normalScores(splitChains(chains))) : null;
}

/** Effective sample size for the mean of the values as they are. */
export function meanEss(chains: ChainValues): number | null {
  return informative(chains) ? essOf(splitChains(chains)) : null;
}

/**
 * The smaller one of the effective sample sizes of the 5% and the 95% quantile. A quantile that no value lies beyond, as
 * for the values of an event, counts the size of the sample.
 */
export function tailEss(chains: ChainValues): number | null {
  if (!informative(chains)) return null;
  const all = pooled(chains);
  const at = (p: number): number => {
    const quantile = quantileOf(all, p);
    return essOf(splitChains(chains.map((c) => c.map((v) => (v <= quantile ? 1 : 0)))));
  };
  return Math.min(at(0.05), at(0.95));
}

/** Standard error of the mean over all chains: sd / √ESS. */
export function chainStandardError(chains: ChainValues): number | null {
  const ess = meanEss(chains);
  return ess === null ? null : Math.sqrt(meanAndVariance(pooled(chains)).variance / ess);
}
