import type { Approximation, Estimate } from '../port/index.ts';
import type { Reference } from './comparison.ts';

const tightest = (sides: readonly (Estimate | null)[], sign: 1 | -1): Estimate | null =>
  sides.reduce((best, e) => (e !== null && (best === null || sign * e.value > sign * best.value) ? e : best), null);

/** The largest lower and the smallest upper bound on log Z that any of the runs gave; null where none gave one. */
export function tightestBounds(results: readonly Approximation[]): Reference['bounds'] {
  const all = results.flatMap((r) => r.details?.bounds ?? []);
  if (all.length === 0) return null;
  return {
    lower: tightest(
      all.map((b) => b.lower),
      1,
    ),
    upper: tightest(
      all.map((b) => b.upper),
      -1,
    ),
  };
}
