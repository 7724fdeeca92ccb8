import type { EncodedCorpus } from './tokenise.ts';

/**
 * The distinct n-grams of one order, numbered by (number of the context, word). A context's number is that of the
 * (n − 1)-gram it is. N-grams lie within a text; the first may begin with the start symbol.
 */
export interface GramLevel {
  readonly count: number;
  readonly context: Int32Array;
  readonly word: Int32Array;
  readonly occurrences: Int32Array;
  /** A position of the stream where the n-gram ends. */
  readonly at: Int32Array;
  /** Per position: number of the n-gram that ends there, −1 where it would reach before the text. */
  readonly idAt: Int32Array;
}

/** Levels 1 … order. Level 1 numbers a word by its id, start and end included. */
export function gramLevels(corpus: EncodedCorpus, order: number): readonly GramLevel[] {
  const levels = [unigrams(corpus)];
  while (levels.length < order) levels.push(extend(corpus, levels[levels.length - 1]));
  return levels;
}

function unigrams({ stream, start }: EncodedCorpus): GramLevel {
  const count = start + 1;
  const occurrences = new Int32Array(count);
  const at = new Int32Array(count);
  stream.forEach((word, i) => {
    occurrences[word]++;
    at[word] = i;
  });
  return {
    count,
    context: new Int32Array(count),
    word: Int32Array.from({ length: count }, (_, i) => i),
    occurrences,
    at,
    idAt: stream,
  };
}

/** N-grams as numbers context · width + word < 2^53, sorted; then each position's key is looked up. */
function extend({ stream, start }: EncodedCorpus, shorter: GramLevel): GramLevel {
  const width = start + 1;
  const keyAt = (i: number): number =>
    i === 0 || stream[i] === start || shorter.idAt[i - 1] === -1 ? -1 : shorter.idAt[i - 1] * width + stream[i];
  const keys = new Float64Array(stream.length);
  let used = 0;
  for (let i = 0; i < stream.length; i++) {
    const key = keyAt(i);
    if (key !== -1) keys[used++] = key;
  }
  const sorted = keys.subarray(0, used).sort();
  const unique = distinct(sorted);
  const count = unique.length;
  const level = {
    count,
    context: Int32Array.from(unique, (key) => Math.floor(key / width)),
    word: Int32Array.from(unique, (key) => key % width),
    occurrences: new Int32Array(count),
    at: new Int32Array(count),
    idAt: new Int32Array(stream.length).fill(-1),
  };
  const first = firstOfContext(level.context, shorter.count);
  for (let i = 0; i < stream.length; i++) {
    if (keyAt(i) === -1) continue;
    const context = shorter.idAt[i - 1];
    const id = findWord(level.word, first[context], first[context + 1], stream[i]);
    level.idAt[i] = id;
    level.occurrences[id]++;
    level.at[id] = i;
  }
  return level;
}

function distinct(sorted: Float64Array): Float64Array {
  let count = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i];
  return sorted.slice(0, count);
}

/** Where the n-grams of each context begin; length contexts + 1. */
function firstOfContext(context: Int32Array, contexts: number): Int32Array {
  const first = new Int32Array(contexts + 1);
  for (const h of context) first[h + 1]++;
  for (let h = 0; h < contexts; h++) first[h + 1] += first[h];
  return first;
}

function findWord(words: Int32Array, from: number, to: number, word: number): number {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (words[middle] < word) low = middle + 1;
    else high = middle;
  }
  return low;
}
