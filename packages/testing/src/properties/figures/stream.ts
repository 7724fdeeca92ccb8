import type { BoundFunction } from '@postulate/inference';

/** Draws of one distribution, more and more of them, with the values of its functions. */
export interface Stream {
  /** What the draws are, in words that fit after a number. */
  readonly what: string;
  /** Whether weights are bounded by 1 and so is the error rate by what is stated. */
  readonly bounded: boolean;
  /** log of what weights were divided by; 0 for draws of the distribution itself. */
  readonly logScale: number;
  readonly size: number;
  readonly weights: Float64Array | undefined;
  /** Texts of the prior that one draw takes. */
  readonly texts: number;
  /** Whether so much of the weight is on so few draws that more of them are hardly worth having. */
  readonly wasteful: boolean;
  /** Whether the tail of the weights is too heavy for any mean of them to be relied on. */
  readonly heavy: boolean;
  /** Draws that are led to where the weight is; undefined where nothing leads there. */
  readonly steered: Stream | undefined;
  values(name: string): Float64Array;
  /** Where the values of a function lie. */
  range(name: string): { readonly low: number; readonly high: number };
  extend(count: number): Promise<void>;
}

/** Of draws that weigh as these do, how many would do as well if all weighed the same: (Σ w)² / Σ w². */
export function effectiveSize(weights: Float64Array): number {
  let [sum, squares] = [0, 0];
  for (const w of weights) {
    sum += w;
    squares += w * w;
  }
  return squares === 0 ? 0 : (sum * sum) / squares;
}

/** Where the values of a named function lie. */
export function rangeOf(
  named: readonly BoundFunction[],
  name: string,
): { readonly low: number; readonly high: number } {
  const { kind, range } = named.find((f) => f.name === name)!;
  return kind === 'event' ? { low: 0, high: 1 } : { low: range.lo, high: range.hi };
}

/** An array that grows. */
export class Growing {
  private data = new Float64Array(1024);
  size = 0;

  add(values: ArrayLike<number>): void {
    const needed = this.size + values.length;
    if (needed > this.data.length) {
      const larger = new Float64Array(Math.max(needed, 2 * this.data.length));
      larger.set(this.data.subarray(0, this.size));
      this.data = larger;
    }
    this.data.set(values, this.size);
    this.size = needed;
  }

  all(): Float64Array {
    return this.data.subarray(0, this.size);
  }
}
