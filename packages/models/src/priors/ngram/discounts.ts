/** Used where counts of counts do not allow an estimate (absolute discounting, Ney, Essen & Kneser 1994). */
export const FALLBACK_DISCOUNT = 0.75;

/** Discounts of counts 1, 2 and 3 or more; index 0 is unused. */
export type Discounts = readonly [0, number, number, number];

/**
 * Modified Kneser–Ney discounts of one order from its counts of counts n₁ … n₄ (Chen & Goodman 1999, eq. 26):
 * Y = n₁ / (n₁ + 2n₂), D_k = k − (k + 1) · Y · n_{k+1} / n_k. Where an n_k is zero or a D_k is not within (0, k), all three are
 * the one absolute discount 0.75.
 */
export function estimateDiscounts(counts: Iterable<number>): Discounts {
  const n = [0, 0, 0, 0, 0];
  for (const count of counts) if (count >= 1 && count <= 4) n[count]++;
  const y = n[1] / (n[1] + 2 * n[2]);
  const d = [1, 2, 3].map((k) => k - ((k + 1) * y * n[k + 1]) / n[k]);
  const usable = n.slice(1).every((value) => value > 0) && d.every((value, i) => value > 0 && value < i + 1);
  return usable ? [0, d[0], d[1], d[2]] : [0, FALLBACK_DISCOUNT, FALLBACK_DISCOUNT, FALLBACK_DISCOUNT];
}
