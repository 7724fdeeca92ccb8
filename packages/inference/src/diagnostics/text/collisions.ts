import { RunningMoments } from '../../numeric/index.ts';
import type { Draw, Estimate } from '../../port/index.ts';
import { sequenceKey, uniqueDraws } from '../unique.ts';

/** Different sequences / sequences; null without draws. Falls as the sample grows. */
export function uniqueRate(draws: readonly Draw[]): number | null {
  return draws.length === 0 ? null : uniqueDraws(draws) / draws.length;
}

/**
 * P(two independent draws are the same text) = Σ p(x)², as matching pairs / C(N, 2): unbiased. The standard error is that of
 * a U-statistic to first order, 2 sd(h) / √N with h the share of the others that a draw matches (Hoeffding 1948). Its
 * inverse is the number of equally probable texts that would collide as often. Null below two draws.
 */
export function collisionProbability(draws: readonly Draw[]): Estimate | null {
  const n = draws.length;
  if (n < 2) return null;
  const counts = new Map<string, number>();
  for (const d of draws) counts.set(sequenceKey(d), (counts.get(sequenceKey(d)) ?? 0) + 1);
  const moments = new RunningMoments();
  for (const count of counts.values()) for (let i = 0; i < count; i++) moments.add((count - 1) / (n - 1));
  return { value: moments.mean, standardError: 2 * (moments.standardError ?? 0) };
}
