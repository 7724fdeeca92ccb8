/** A column of numbers that grows by doubling. */
export class Floats {
  length = 0;
  private data = new Float64Array(256);

  append(values: ArrayLike<number>): void {
    const needed = this.length + values.length;
    if (needed > this.data.length) {
      const larger = new Float64Array(Math.max(needed, 2 * this.data.length));
      larger.set(this.data.subarray(0, this.length));
      this.data = larger;
    }
    this.data.set(values, this.length);
    this.length = needed;
  }

  /** The numbers so far, as a copy. */
  all(): Float64Array {
    return this.data.slice(0, this.length);
  }
}
