import { gateResult, type GateOptions, type GateResult } from './gate.ts';
import { logGamma } from './special.ts';

/** E|X − np| for X binomial(n, p): 2 ν C(n, ν) pᵛ (1 − p)ⁿ⁻ᵛ⁺¹ with ν = ⌊np⌋ + 1 (De Moivre 1730). */
export function meanAbsoluteDeviation(n: number, p: number): number {
  if (p <= 0 || p >= 1) return 0;
  const v = Math.floor(n * p) + 1;
  const logChoose = logGamma(n + 1) - logGamma(v + 1) - logGamma(n - v + 1);
  return 2 * Math.exp(Math.log(v) + logChoose + v * Math.log(p) + (n - v + 1) * Math.log1p(-p));
}

/** E TV(p̂, p) for n independent draws, exact, given the probabilities of all outcomes. */
export function expectedTotalVariation(probabilities: Iterable<number>, n: number): number {
  let sum = 0;
  for (const p of probabilities) sum += meanAbsoluteDeviation(n, p);
  return sum / (2 * n);
}

/** TV(p̂, p) of counts; outcomes of zero probability count in full. */
export function totalVariation(
  counts: ReadonlyMap<string, number>,
  probabilities: ReadonlyMap<string, number>,
): number {
  const n = [...counts.values()].reduce((a, b) => a + b, 0);
  let sum = 0;
  for (const [key, p] of probabilities) sum += Math.abs((counts.get(key) ?? 0) / n - p);
  for (const [key, count] of counts) if (!probabilities.has(key)) sum += count / n;
  return sum / 2;
}

/**
 * Total variation of n independent draws to the exact law. One draw changes it by at most 1/n, so that
 * P(TV ≥ E TV + t) ≤ exp(−2 n t²) (McDiarmid 1989): the rate is a bound at every n.
 */
export function totalVariationGate(
  counts: ReadonlyMap<string, number>,
  probabilities: ReadonlyMap<string, number>,
  options: GateOptions = {},
): GateResult {
  const n = [...counts.values()].reduce((a, b) => a + b, 0);
  const found = totalVariation(counts, probabilities);
  const mean = expectedTotalVariation(probabilities.values(), n);
  const excess = Math.max(0, found - mean);
  const pValue = Math.exp(-2 * n * excess * excess);
  return gateResult(
    'total variation',
    found,
    pValue,
    options,
    `${found.toFixed(5)}, expected ${mean.toFixed(5)}, n = ${n}`,
  );
}

/**
 * Largest gap between the empirical and the exact distribution function, P(gap > e) ≤ 2 exp(−2 n e²) (Dvoretzky,
 * Kiefer & Wolfowitz 1956 with the constant of Massart 1990): a bound, for discrete laws as well. `below(x)` is
 * P(X < x), `upTo(x)` is P(X ≤ x); equal for a continuous law.
 */
export function distributionGate(
  values: readonly number[],
  upTo: (x: number) => number,
  below: (x: number) => number = upTo,
  options: GateOptions = {},
): GateResult {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let gap = 0;
  for (let i = 0; i < n;) {
    let j = i;
    while (j < n && sorted[j] === sorted[i]) j++;
    gap = Math.max(gap, Math.abs(upTo(sorted[i]) - j / n), Math.abs(below(sorted[i]) - i / n));
    i = j;
  }
  const pValue = Math.min(1, 2 * Math.exp(-2 * n * gap * gap));
  return gateResult('distribution function', gap, pValue, options, `gap ${gap.toFixed(5)}, n = ${n}`);
}
