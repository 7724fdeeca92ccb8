import { fail } from '@postulate/graph';
import { BYTE_SPELLINGS, BYTES_IN_ORDER } from './byte-alphabet.ts';
import { PairIndex, type CountedWord } from './merge-pairs.ts';
import { firstOf, secondOf } from './pair-queue.ts';
import { countPieces } from './pre-tokenise.ts';
import { byteLevelJson, type TokenizerJson } from './tokenizer-json.ts';

/** Begins and ends every text. */
export const END_OF_TEXT = '<|endoftext|>';

export const LEAST_BPE_SIZE = 257;
const MOST_BPE_SIZE = 1 << 20;
const PROGRESS_EVERY = 64;

/**
 * A byte-level BPE tokenizer trained on `texts`, with at most `size` tokens: the 256 bytes (ids 0 … 255), one token a merge, and
 * `<|endoftext|>` as the last. Fewer where no pair of symbols occurs twice any more. Equal texts and size give equal files.
 * `onProgress` is told the number of tokens made. Errors: P307 for a size out of range.
 */
export function trainBpe(
  texts: Iterable<string>,
  size: number,
  onProgress?: (tokens: number, size: number) => void,
): TokenizerJson {
  if (!Number.isInteger(size) || size < LEAST_BPE_SIZE || size > MOST_BPE_SIZE) {
    throw fail(
      'P307',
      `the size of a vocabulary must be a whole number from ${LEAST_BPE_SIZE} (256 bytes and the end of text) to ${MOST_BPE_SIZE}, ` +
        `but it is ${size}.`,
    );
  }
  const tokens = BYTES_IN_ORDER.map((byte) => BYTE_SPELLINGS[byte]);
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const merges: (readonly [string, string])[] = [];
  const pairs = new PairIndex(wordsOf(texts));
  while (tokens.length < size - 1) {
    const key = pairs.mostFrequent();
    if (key === undefined) break;
    const merge = [tokens[firstOf(key)], tokens[secondOf(key)]] as const;
    const token = merge.join('');
    if (!idOf.has(token)) idOf.set(token, tokens.push(token) - 1);
    merges.push(merge);
    pairs.merge(key, idOf.get(token) as number);
    if (merges.length % PROGRESS_EVERY === 0) onProgress?.(tokens.length + 1, size);
  }
  return byteLevelJson(tokens, merges, [END_OF_TEXT]);
}

/** Pieces as the ids of their bytes. */
function wordsOf(texts: Iterable<string>): CountedWord[] {
  const idOf = new Int32Array(256);
  BYTES_IN_ORDER.forEach((byte, id) => (idOf[byte] = id));
  return Array.from(countPieces(texts), ([piece, count]) => ({
    symbols: Int32Array.from(Buffer.from(piece), (byte) => idOf[byte]),
    count,
  }));
}
