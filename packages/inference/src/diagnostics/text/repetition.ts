import { RunningMoments } from '../../numeric/index.ts';
import type { Estimate } from '../../port/index.ts';
import { countNgrams, type Tokens } from './ngrams.ts';

/**
 * seq-rep-n (Welleck et al. 2020): the share of a sequence's n-grams that it has had before, 1 − different / all, on
 * average over the sequences long enough to have one. Null where none is.
 */
export function repetitionRate(sequences: readonly Tokens[], n: number): Estimate | null {
  const moments = new RunningMoments();
  for (const s of sequences) {
    const total = s.length - n + 1;
    if (total > 0) moments.add(1 - countNgrams(s, n).size / total);
  }
  return moments.count === 0 ? null : { value: moments.mean, standardError: moments.standardError };
}
