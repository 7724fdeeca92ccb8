import { firstOf, pairKey, PairQueue, secondOf } from './pair-queue.ts';

/** A piece of text as symbols, and how often it occurs. */
export interface CountedWord {
  symbols: Int32Array;
  readonly count: number;
}

/** A pair that occurs once tells nothing about other texts. */
const LEAST_COUNT = 2;

/**
 * The pairs of neighbouring symbols of counted words, for byte-pair encoding (Sennrich et al. 2016). Counts are kept up to date: a merge
 * reads only the words that hold its pair. Changes the words.
 */
export class PairIndex {
  readonly #words: readonly CountedWord[];
  readonly #counts = new Map<number, number>();
  /** Words that hold each pair, or did. */
  readonly #places = new Map<number, number[]>();
  readonly #queue = new PairQueue();

  constructor(words: readonly CountedWord[]) {
    this.#words = words;
    words.forEach((word, w) => {
      this.#count(word.symbols, word.count);
      for (let i = 1; i < word.symbols.length; i++) this.#place(pairKey(word.symbols[i - 1], word.symbols[i]), w);
    });
    for (const [key, count] of this.#counts) this.#queue.push(count, key);
  }

  /**
   * The most frequent pair, of equally frequent ones that with the smallest symbols; `undefined` where none occurs twice. Between merges
   * counts only fall, so an entry that is too high is put back where it belongs.
   */
  mostFrequent(): number | undefined {
    while (this.#queue.size > 0) {
      const { count, key } = this.#queue.pop();
      const now = this.#counts.get(key) ?? 0;
      if (now === count) return now < LEAST_COUNT ? undefined : key;
      if (now >= LEAST_COUNT) this.#queue.push(now, key);
    }
    return undefined;
  }

  /** Makes every occurrence of the pair one symbol, which may be there already: two pairs may spell the same. */
  merge(key: number, symbol: number): void {
    const fresh = new Set<number>();
    for (const w of this.#places.get(key) ?? []) {
      const word = this.#words[w];
      const merged = replacePair(word.symbols, firstOf(key), secondOf(key), symbol);
      if (merged.length === word.symbols.length) continue;
      this.#count(word.symbols, -word.count);
      this.#count(merged, word.count);
      word.symbols = merged;
      for (let i = 1; i < merged.length; i++) {
        if (merged[i - 1] !== symbol && merged[i] !== symbol) continue;
        const pair = pairKey(merged[i - 1], merged[i]);
        this.#place(pair, w);
        fresh.add(pair);
      }
    }
    this.#places.delete(key);
    this.#counts.delete(key);
    for (const pair of fresh) this.#queue.push(this.#counts.get(pair) ?? 0, pair);
  }

  #count(symbols: Int32Array, times: number): void {
    for (let i = 1; i < symbols.length; i++) {
      const key = pairKey(symbols[i - 1], symbols[i]);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + times);
    }
  }

  #place(key: number, word: number): void {
    const places = this.#places.get(key);
    if (places === undefined) this.#places.set(key, [word]);
    else if (places[places.length - 1] !== word) places.push(word);
  }
}

/** Every occurrence of the pair, from left to right, replaced by `symbol`. */
function replacePair(symbols: Int32Array, first: number, second: number, symbol: number): Int32Array {
  const out = new Int32Array(symbols.length);
  let size = 0;
  for (let i = 0; i < symbols.length; i++) {
    const found = symbols[i] === first && i + 1 < symbols.length && symbols[i + 1] === second;
    out[size++] = found ? symbol : symbols[i];
    if (found) i++;
  }
  return out.slice(0, size);
}
