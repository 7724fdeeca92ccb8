import { informative, normalScores, pooled, quantileOf, splitChains, type ChainValues } from './ranks.ts';

/** Mean and sample variance, taken relative to the first value so that a constant has a variance of exactly zero. */
export function meanAndVariance(values: ArrayLike<number>): { readonly mean: number; readonly variance: number } {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i] - values[0];
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i] - values[0] - mean) ** 2;
  return { mean: values[0] + mean, variance: squares / (n - 1) };
}

/** √((B/W + n − 1)/n): B is n times the variance of the chains' means, W the mean of their variances. */
function scaleReduction(chains: ChainValues): number {
  const n = chains[0].length;
  const moments = chains.map(meanAndVariance);
  const between = n * meanAndVariance(moments.map((m) => m.mean)).variance;
  const within = moments.reduce((sum, m) => sum + m.variance, 0) / chains.length;
  return Math.sqrt((between / within + n - 1) / n);
}

/** |x − median|, which tells chains of different spread apart where their middles agree. */
function folded(chains: ChainValues): ChainValues {
  const median = quantileOf(pooled(chains), 0.5);
  return chains.map((c) => c.map((v) => Math.abs(v - median)));
}

/**
 * Rank-normalised split R̂ (Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021): the larger one of that of the values and
 * that of the folded values. `Infinity` where no half of a chain moved, but not all stand at the same value. Null
 * where nothing moved at all, which is no evidence for anything, and below two chains or four values a chain.
 */
export function rHat(chains: ChainValues): number | null {
  if (chains.length < 2 || !informative(chains)) return null;
  const halves = splitChains(chains);
  // The middle value of an odd chain is left out, and the rest may be constant without it; so may the folded values.
  const found = [halves, folded(halves)].filter(informativeHalves).map((c) => scaleReduction(normalScores(c)));
  return found.length === 0 ? null : Math.max(...found);
}

const informativeHalves = (halves: ChainValues): boolean => halves.some((h) => h.some((v) => v !== halves[0][0]));
