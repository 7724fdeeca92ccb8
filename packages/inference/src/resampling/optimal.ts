import type { Chooser } from '@postulate/models';
import type { Resampled } from './resampler.ts';
import { systematicResample } from './systematic.ts';

/** Items that are kept for certain, and the common weight 1/c of the others that are kept. */
interface Threshold {
  readonly certain: number;
  readonly weight: number;
}

/** The c with Σ min(1, c·wᵢ) = count, from weights in descending order of which more than `count` are positive. */
function threshold(descending: Float64Array, count: number): Threshold {
  let rest = 0;
  const tails = descending.slice();
  for (let i = descending.length - 1; i >= 0; i--) tails[i] = rest += descending[i];
  let certain = 0;
  while (certain < count && descending[certain] * (count - certain) >= tails[certain]) certain++;
  return { certain, weight: tails[certain] / (count - certain) };
}

/**
 * Optimal resampling without replacement (Fearnhead & Clifford 2003): with c such that Σ min(1, c·wᵢ) = count, every item
 * of c·wᵢ ≥ 1 is kept at its own weight; of the others as many as are left to keep, each with probability c·wᵢ and at
 * weight 1/c, chosen along one comb of spacing 1/c so that none is kept twice.
 */
export function optimalResample(weights: Float64Array, count: number, chooser: Chooser): Resampled {
  const order = Int32Array.from(weights.keys())
    .filter((i) => weights[i] > 0)
    .sort((a, b) => weights[b] - weights[a] || a - b);
  const total = weights.reduce((a, b) => a + b, 0);
  if (order.length <= count) return { picked: order, shares: Float64Array.from(order, (i) => weights[i] / total) };
  const cut = threshold(
    Float64Array.from(order, (i) => weights[i]),
    count,
  );
  const rest = order.subarray(cut.certain);
  const left = count - cut.certain;
  const chosen =
    left === 0
      ? new Int32Array(0)
      : systematicResample(
          Float64Array.from(rest, (i) => weights[i]),
          left,
          chooser,
        );
  const picked = new Int32Array(count);
  picked.set(order.subarray(0, cut.certain));
  picked.set(
    chosen.map((k) => rest[k]),
    cut.certain,
  );
  return { picked, shares: Float64Array.from(picked, (i, k) => (k < cut.certain ? weights[i] : cut.weight) / total) };
}
