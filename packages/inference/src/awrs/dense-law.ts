import type { Chooser } from '@postulate/models';
import type { RemainingLaw } from './remaining-law.ts';

/** Rows up to this length are a single block. */
const ONE_BLOCK = 64;

/**
 * A next-token law of which every probability is written out. The row is cut into about √V blocks whose sums are kept:
 * a draw looks through the sums and then through one block, and taking a token out adds up one block anew, so that the
 * mass left is a sum of what is left and never a difference.
 */
export class DenseLaw implements RemainingLaw {
  /** Probabilities as loaded. */
  private readonly full: Float64Array;
  /** Probabilities of the tokens left, 0 for the others. */
  private readonly left: Float64Array;
  private readonly sums: Float64Array;
  private readonly width: number;
  private total = 0;

  /** Room for rows of `size` entries. */
  constructor(private readonly size: number) {
    this.width = size <= ONE_BLOCK ? size : Math.ceil(Math.sqrt(size));
    this.full = new Float64Array(size);
    this.left = new Float64Array(size);
    this.sums = new Float64Array(Math.ceil(size / this.width));
  }

  /** Starts over with a row of log-probabilities, nats; tokens left out count as if the row did not have them. */
  load(logProbs: ArrayLike<number>, leftOut?: (token: number) => boolean): this {
    const { full } = this;
    for (let i = 0; i < this.size; i++) full[i] = leftOut?.(i) === true ? 0 : Math.exp(logProbs[i]);
    return this.restart();
  }

  get mass(): number {
    return this.total;
  }

  probability(token: number): number {
    return this.full[token];
  }

  draw(chooser: Chooser): number {
    if (this.total === 0) return -1;
    if (chooser.uniform === undefined) return chooser.choose(this.left.map(Math.log));
    let rest = chooser.uniform() * this.total;
    let block = 0;
    let last = -1;
    for (; block < this.sums.length; block++) {
      if (this.sums[block] === 0) continue;
      last = block;
      if (rest < this.sums[block]) break;
      rest -= this.sums[block];
    }
    return this.within(last, rest);
  }

  remove(token: number): void {
    if (this.left[token] === 0) return;
    this.left[token] = 0;
    this.addUp(Math.floor(token / this.width));
    this.addBlocks();
  }

  /** Starts over with the row loaded last. */
  restart(): this {
    this.left.set(this.full);
    for (let b = 0; b < this.sums.length; b++) this.addUp(b);
    this.addBlocks();
    return this;
  }

  private addBlocks(): void {
    let sum = 0;
    for (let b = 0; b < this.sums.length; b++) sum += this.sums[b];
    this.total = sum;
  }

  private addUp(block: number): void {
    const { left, width } = this;
    const end = Math.min(this.size, (block + 1) * width);
    let sum = 0;
    for (let i = block * width; i < end; i++) sum += left[i];
    this.sums[block] = sum;
  }

  /** The token of a block at which the running sum passes `rest`; the last one left where rounding passes none. */
  private within(block: number, rest: number): number {
    const { left, width } = this;
    const end = Math.min(this.size, (block + 1) * width);
    let last = -1;
    for (let i = block * width; i < end; i++) {
      if (left[i] === 0) continue;
      last = i;
      if (rest < left[i]) break;
      rest -= left[i];
    }
    return last;
  }
}
