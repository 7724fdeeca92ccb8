import type { Estimate } from '../port/index.ts';

/** A divergence E_q[f(p/q)] between a posterior p and the law q that draws came from. */
export interface Divergence {
  readonly f: (ratio: number) => number;
  /** Derivative of f. */
  readonly slope: (ratio: number) => number;
}

const half = (r: number): number => Math.log((2 * r) / (1 + r));

/** Total variation, KL(p ‖ q), KL(q ‖ p) and Jensen–Shannon, nats. */
export const DIVERGENCES: Readonly<Record<'tv' | 'klForward' | 'klReverse' | 'js', Divergence>> = {
  tv: { f: (r) => Math.abs(r - 1) / 2, slope: (r) => Math.sign(r - 1) / 2 },
  klForward: { f: (r) => (r === 0 ? 0 : r * Math.log(r)), slope: (r) => Math.log(r) + 1 },
  klReverse: { f: (r) => -Math.log(r), slope: (r) => -1 / r },
  js: { f: (r) => ((r === 0 ? 0 : r * half(r)) + Math.log(2 / (1 + r))) / 2, slope: (r) => half(r) / 2 },
};

/**
 * E_q[f(w / Z)] from log weights of independent draws of q, with Z their mean weight. The standard error is the delta method's,
 * which takes into account that Z is estimated from the same draws; null below two draws. Infinite for KL(q ‖ p) where
 * some weight is zero.
 */
export function divergenceEstimate(logWeights: Float64Array, { f, slope }: Divergence): Estimate {
  const n = logWeights.length;
  const max = logWeights.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = logWeights.map((l) => Math.exp(l - max));
  const mean = weights.reduce((a, b) => a + b, 0) / n;
  const ratios = weights.map((w) => w / mean);
  const values = ratios.map(f);
  const value = values.reduce((a, b) => a + b, 0) / n;
  if (!Number.isFinite(value) || n < 2) return { value, standardError: null };
  // Moving Z moves every ratio: d/dZ E[f(w/Z)] = −E[f′(r) r] / Z.
  const shift = ratios.reduce((sum, r) => (r === 0 ? sum : sum + slope(r) * r), 0) / n;
  const squares = values.reduce((sum, v, i) => sum + (v - value - shift * (ratios[i] - 1)) ** 2, 0);
  return { value, standardError: Math.sqrt(squares / (n * (n - 1))) };
}
