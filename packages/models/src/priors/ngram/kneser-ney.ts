import { type Discounts, estimateDiscounts } from './discounts.ts';
import type { GramLevel } from './gram-levels.ts';
import type { EncodedCorpus } from './tokenise.ts';

/** Probabilities of the n-grams of one order, and the weight that each context leaves to the order below. */
export interface SmoothedLevel {
  readonly probs: Float64Array;
  /** Per context of this level (an (n − 1)-gram): γ(h). */
  readonly backoff: Float64Array;
}

/**
 * Interpolated modified Kneser–Ney (Chen & Goodman 1999), lowest order first:
 *
 *   p(w | h) = (a(hw) − D(a(hw))) / Σ_v a(hv) + γ(h) · p(w | h′),   γ(h) = Σ_v D(a(hv)) / Σ_v a(hv).
 *
 * a is the count at the highest order and below it the number of distinct words before the n-gram; n-grams that begin with the
 * start symbol, before which nothing can stand, keep their counts. The order below the first is uniform over the words
 * and the end of sequence. The start symbol is never predicted.
 */
export function smooth(corpus: EncodedCorpus, levels: readonly GramLevel[]): readonly SmoothedLevel[] {
  const smoothed: SmoothedLevel[] = [];
  levels.forEach((level, k) => {
    const counts = adjustedCounts(level, levels[k + 1], k === 0 ? corpus.start : -1);
    const contexts = k === 0 ? 1 : levels[k - 1].count;
    const uniform = 1 / (corpus.end + 1);
    const below = k === 0 ? () => uniform : (g: number) => smoothed[k - 1].probs[levels[k - 1].idAt[level.at[g]]];
    smoothed.push(interpolate(level, counts, contexts, below));
  });
  return smoothed;
}

/** `excluded` is the unigram of the start symbol, which is no event. */
function adjustedCounts(level: GramLevel, longer: GramLevel | undefined, excluded: number): Int32Array {
  const counts = longer === undefined ? level.occurrences.slice() : new Int32Array(level.count);
  if (longer !== undefined) {
    for (let g = 0; g < longer.count; g++) counts[level.idAt[longer.at[g]]]++;
    for (let g = 0; g < level.count; g++) if (counts[g] === 0) counts[g] = level.occurrences[g];
  }
  if (excluded !== -1) counts[excluded] = 0;
  return counts;
}

function interpolate(
  level: GramLevel,
  counts: Int32Array,
  contexts: number,
  below: (gram: number) => number,
): SmoothedLevel {
  const discounts: Discounts = estimateDiscounts(counts);
  const sums = new Float64Array(contexts);
  const backoff = new Float64Array(contexts);
  for (let g = 0; g < level.count; g++) {
    sums[level.context[g]] += counts[g];
    backoff[level.context[g]] += discounts[Math.min(counts[g], 3)];
  }
  for (let h = 0; h < contexts; h++) if (sums[h] > 0) backoff[h] /= sums[h];
  const probs = new Float64Array(level.count);
  for (let g = 0; g < level.count; g++) {
    if (counts[g] === 0) continue;
    const h = level.context[g];
    probs[g] = (counts[g] - discounts[Math.min(counts[g], 3)]) / sums[h] + backoff[h] * below(g);
  }
  return { probs, backoff };
}
