import type { Chooser } from '@postulate/models';
import { shuffle } from '../../resampling/index.ts';
import { ngramKey, type Tokens } from './ngrams.ts';

/** Sequences in a random order, the last one cut, so that they have `tokens` tokens in all; undefined where there are fewer. */
function takeTokens(sequences: readonly Tokens[], tokens: number, chooser: Chooser): readonly Tokens[] | undefined {
  const order = shuffle(Int32Array.from(sequences.keys()), chooser);
  const taken: Tokens[] = [];
  let left = tokens;
  for (const i of order) {
    if (left === 0) break;
    const part = Array.from(sequences[i]).slice(0, left);
    taken.push(part);
    left -= part.length;
  }
  return left === 0 ? taken : undefined;
}

/**
 * distinct-n (Li et al. 2016), pooled: different n-grams / n-grams over exactly `tokens` tokens of randomly chosen sequences.
 * It falls as a sample grows, so only values over equally many tokens can be compared. Null where the sequences have fewer
 * tokens, or hold no n-gram.
 */
export function distinctN(sequences: readonly Tokens[], n: number, tokens: number, chooser: Chooser): number | null {
  const taken = takeTokens(sequences, tokens, chooser);
  const seen = new Set<string>();
  let total = 0;
  for (const s of taken ?? []) {
    for (let i = 0; i + n <= s.length; i++) {
      seen.add(ngramKey(s, i, n));
      total++;
    }
  }
  return total === 0 ? null : seen.size / total;
}
