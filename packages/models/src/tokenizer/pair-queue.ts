/** A pair of neighbouring symbols as one number; symbols are below 2²¹, so that keys are exact and ordered by first, then second. */
const SHIFT = 2 ** 21;

export const pairKey = (first: number, second: number): number => first * SHIFT + second;
export const firstOf = (key: number): number => Math.floor(key / SHIFT);
export const secondOf = (key: number): number => key % SHIFT;

/** A binary heap of pairs: the greatest count first, of equal ones the smallest key. A pair may be in it more than once. */
export class PairQueue {
  readonly #counts: number[] = [];
  readonly #keys: number[] = [];

  get size(): number {
    return this.#keys.length;
  }

  push(count: number, key: number): void {
    this.#counts.push(count);
    this.#keys.push(key);
    let at = this.size - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#before(at, above)) break;
      this.#swap(at, above);
      at = above;
    }
  }

  /** Takes the first entry off; the queue is not empty. */
  pop(): { readonly count: number; readonly key: number } {
    const top = { count: this.#counts[0], key: this.#keys[0] };
    this.#swap(0, this.size - 1);
    this.#counts.pop();
    this.#keys.pop();
    this.#sink();
    return top;
  }

  #sink(): void {
    for (let at = 0; ;) {
      let best = at;
      for (const below of [2 * at + 1, 2 * at + 2]) if (below < this.size && this.#before(below, best)) best = below;
      if (best === at) return;
      this.#swap(at, best);
      at = best;
    }
  }

  #before(i: number, j: number): boolean {
    const difference = this.#counts[i] - this.#counts[j];
    return difference > 0 || (difference === 0 && this.#keys[i] < this.#keys[j]);
  }

  #swap(i: number, j: number): void {
    for (const array of [this.#counts, this.#keys]) [array[i], array[j]] = [array[j], array[i]];
  }
}
