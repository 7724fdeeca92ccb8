import { likeliest } from '../neural/likeliest.ts';
import type { Rows } from '../neural/causal-model.ts';

/** A token that is told, its log-probability in nats, and its place when tokens are ordered by it (1 is the likeliest). */
export interface ToldToken {
  readonly id: number;
  readonly logProb: number;
  readonly rank: number;
}

/** What stands for a probability of zero, since JSON has no infinity. */
const LEAST = -9999;

/** One place of a sequence: the token there, and the likeliest ones. */
export interface ToldPlace {
  readonly chosen: ToldToken;
  readonly top: readonly ToldToken[];
}

/** Reads places off rows of log-probabilities; the last column is the end, which answers call `end`. */
export class Teller {
  readonly #weights: Float64Array;
  readonly #kept: Int32Array;

  constructor(
    private readonly size: number,
    private readonly end: number,
  ) {
    this.#weights = new Float64Array(size + 1);
    this.#kept = new Int32Array(size + 1);
  }

  /** The word in column `word` of the row that begins at `from`, with the `count` likeliest (−1: all). */
  place(logs: Rows, from: number, word: number, count: number): ToldPlace {
    const { size } = this;
    const own = logs[from + word];
    let rank = 1;
    for (let w = 0; w <= size; w++) if (logs[from + w] > own) rank++;
    const chosen = this.#told(word, own, rank);
    if (count === -1) {
      const top = Array.from({ length: size + 1 }, (_, w) => this.#told(w, logs[from + w], 0));
      return { chosen, top: this.end < size ? top.filter((_, w) => w !== this.end) : top };
    }
    for (let w = 0; w <= size; w++) this.#weights[w] = Math.exp(logs[from + w]);
    const found = count === 0 ? 0 : likeliest(this.#weights, size + 1, count, 1, this.#kept);
    const top = Array.from(this.#kept.subarray(0, found), (w, k) => this.#told(w, logs[from + w], k + 1));
    return { chosen, top };
  }

  #told(word: number, logProb: number, rank: number): ToldToken {
    return { id: word === this.size ? this.end : word, logProb: Math.max(logProb, LEAST), rank };
  }
}
