import type { Chooser } from '@postulate/models';
import { RunningMoments } from '../../numeric/index.ts';
import { shuffle } from '../../resampling/index.ts';
import { countNgrams, type Tokens } from './ngrams.ts';

/** What method 1 of Chen & Cherry (2014) puts in place of a count of zero. */
const EPSILON = 0.1;

/** Largest count of an n-gram in any sequence, in which one, and the largest in any other. */
interface Best {
  count: number;
  owner: number;
  second: number;
}

/** Counts of each n-gram in each sequence, and the largest counts over all of them. */
interface Order {
  readonly counts: readonly ReadonlyMap<string, number>[];
  readonly best: ReadonlyMap<string, Best>;
}

function orderOf(sequences: readonly Tokens[], n: number): Order {
  const counts = sequences.map((s) => countNgrams(s, n));
  const best = new Map<string, Best>();
  counts.forEach((own, owner) => {
    for (const [key, count] of own) {
      const b = best.get(key);
      if (b === undefined) best.set(key, { count, owner, second: 0 });
      else if (count > b.count) best.set(key, { count, owner, second: b.count });
      else if (count > b.second) b.second = count;
    }
  });
  return { counts, best };
}

/** Modified precision of sequence `i` against all others: clipped matches and n-grams. */
function precision({ counts, best }: Order, i: number): { readonly matches: number; readonly total: number } {
  let [matches, total] = [0, 0];
  for (const [key, count] of counts[i]) {
    const b = best.get(key)!;
    matches += Math.min(count, b.owner === i ? b.second : b.count);
    total += count;
  }
  return { matches, total: Math.max(1, total) };
}

/** log of the brevity penalty against the other length that is closest, the shorter one of two. */
function logBrevity(lengths: readonly number[], i: number): number {
  const own = lengths[i];
  let closest = Infinity;
  lengths.forEach((l, j) => {
    if (j === i) return;
    const [d, best] = [Math.abs(l - own), Math.abs(closest - own)];
    if (d < best || (d === best && l < closest)) closest = l;
  });
  if (own > closest) return 0;
  return own === 0 ? -Infinity : 1 - closest / own;
}

/** BLEU-n of each sequence against all others (Papineni et al. 2002), uniform weights, method-1 smoothing. */
export function bleuAgainstOthers(sequences: readonly Tokens[], n: number): Float64Array {
  const orders = Array.from({ length: n }, (_, k) => orderOf(sequences, k + 1));
  const lengths = sequences.map((s) => s.length);
  return Float64Array.from(sequences, (_, i) => {
    const found = orders.map((o) => precision(o, i));
    if (found[0].matches === 0) return 0;
    const logs = found.map(({ matches, total }) => Math.log((matches === 0 ? EPSILON : matches) / total));
    return Math.exp(logBrevity(lengths, i) + logs.reduce((a, b) => a + b, 0) / n);
  });
}

/**
 * self-BLEU-n (Zhu et al. 2018) on tokens: mean BLEU-n of each of `size` randomly chosen sequences against the others; 1
 * where all are alike. It grows with the number of sequences, so only values at the same `size` can be compared. Null
 * where there are fewer sequences, or fewer than two.
 */
export function selfBleu(sequences: readonly Tokens[], n: number, size: number, chooser: Chooser): number | null {
  if (sequences.length < size || size < 2) return null;
  const order = shuffle(Int32Array.from(sequences.keys()), chooser).subarray(0, size);
  const moments = new RunningMoments();
  bleuAgainstOthers(
    Array.from(order, (i) => sequences[i]),
    n,
  ).forEach((b) => moments.add(b));
  return moments.mean;
}
