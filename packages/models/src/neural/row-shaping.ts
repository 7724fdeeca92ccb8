import type { Shaping } from '../priors/shaping.ts';
import type { Law, Rows } from './causal-model.ts';
import { likeliest } from './likeliest.ts';

/**
 * Next-token laws raised to 1 / temperature, then cut to their `topK` likeliest tokens, then to the fewest likeliest ones with mass
 * ≥ `topP`, renormalised; the end counts as a token, and ties go to the smaller id: as `shaped` does it with tables, for rows that a
 * network makes. Works on one row at a time, in its own memory.
 */
export class RowShaper {
  /** What the rows that are given must hold. */
  readonly law: Law;
  /** True where rows are taken as they are. */
  readonly plain: boolean;
  readonly #width: number;
  readonly #power: number;
  readonly #topK: number;
  readonly #topP: number;
  readonly #truncates: boolean;
  readonly #weights: Float64Array;
  readonly #kept: Int32Array;
  #raw: Rows = new Float64Array(0);
  #from = 0;
  #most = 0;
  #count = 0;
  #total = 0;

  /** `size` tokens: rows have `size + 1` columns. */
  constructor(size: number, { temperature = 1, topK = Infinity, topP = 1 }: Shaping, law?: Law) {
    this.#width = size + 1;
    this.#power = 1 / temperature;
    this.#topK = topK;
    this.#topP = topP;
    this.#truncates = topK <= size || topP < 1;
    this.plain = temperature === 1 && !this.#truncates;
    this.law = law ?? (temperature === 1 ? 'probabilities' : 'logProbs');
    this.#weights = new Float64Array(this.#width);
    this.#kept = new Int32Array(this.#truncates ? this.#width : 0);
  }

  /** Takes the row that begins at `from`; the methods below speak of it until the next call or until `raw` changes. */
  load(raw: Rows, from: number): void {
    const weights = this.#weights;
    const width = this.#width;
    this.#raw = raw;
    this.#from = from;
    if (this.law === 'logProbs') this.#exponentials(raw, from);
    else for (let i = 0; i < width; i++) weights[i] = raw[from + i];
    this.#count = this.#truncates ? likeliest(weights, width, this.#topK, this.#topP, this.#kept) : width;
    let total = 0;
    if (this.#truncates) for (let k = 0; k < this.#count; k++) total += weights[this.#kept[k]];
    else for (let i = 0; i < width; i++) total += weights[i];
    this.#total = total;
  }

  #exponentials(raw: Rows, from: number): void {
    let most = -Infinity;
    for (let i = 0; i < this.#width; i++) if (raw[from + i] > most) most = raw[from + i];
    for (let i = 0; i < this.#width; i++) this.#weights[i] = Math.exp((raw[from + i] - most) * this.#power);
    this.#most = most;
  }

  /** The word that a uniform number in [0, 1) falls on. */
  draw(u: number): number {
    const weights = this.#weights;
    let left = u * this.#total;
    let last = 0;
    for (let k = 0; k < this.#count; k++) {
      const word = this.#truncates ? this.#kept[k] : k;
      if (weights[word] === 0) continue;
      last = word;
      if ((left -= weights[word]) < 0) return word;
    }
    return last;
  }

  /** log-probability of a word, nats. */
  logProb(word: number): number {
    if (this.#truncates && !this.#kept.subarray(0, this.#count).includes(word)) return -Infinity;
    return this.#logWeight(word) - Math.log(this.#total);
  }

  /** Logarithms are taken as they came: their exponential may have been lost to rounding. */
  #logWeight(word: number): number {
    return this.law === 'logProbs'
      ? (this.#raw[this.#from + word] - this.#most) * this.#power
      : Math.log(this.#weights[word]);
  }

  /** Writes the log-probabilities of all words to `out[at … at + size]`. */
  write(out: Rows, at: number): void {
    const norm = Math.log(this.#total);
    if (!this.#truncates) {
      for (let i = 0; i < this.#width; i++) out[at + i] = this.#logWeight(i) - norm;
      return;
    }
    out.fill(-Infinity, at, at + this.#width);
    for (let k = 0; k < this.#count; k++) out[at + this.#kept[k]] = this.#logWeight(this.#kept[k]) - norm;
  }
}
