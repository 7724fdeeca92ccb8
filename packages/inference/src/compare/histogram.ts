import type { Draw, Target } from '../port/index.ts';

/**
 * TV between the histogram of draws, by text, and a listed posterior; and its expectation for as many independent exact
 * draws, Σ √(p(1 − p) / 2πN), which is what the histogram's own noise amounts to.
 */
export function histogramDistance(
  draws: readonly Draw[],
  support: readonly { readonly text: string; readonly probability: number }[],
  target: Target,
): { readonly tv: number; readonly ofExactDraws: number } | null {
  const n = draws.length;
  if (n === 0) return null;
  const { tokens, separator } = target.prior.vocabulary;
  const counts = new Map<string, number>();
  for (const d of draws) {
    const text = Array.from(d.tokens, (t) => tokens[t]).join(separator);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  let distance = 0;
  let expected = 0;
  for (const { text, probability: p } of support) {
    distance += Math.abs((counts.get(text) ?? 0) / n - p);
    expected += Math.sqrt((p * (1 - p)) / (2 * Math.PI * n));
    counts.delete(text);
  }
  for (const outside of counts.values()) distance += outside / n;
  return { tv: distance / 2, ofExactDraws: expected };
}
