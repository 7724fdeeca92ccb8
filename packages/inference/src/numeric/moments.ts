/** Running mean and variance of numbers (Welford 1962). `-Infinity` makes the mean `-Infinity`. */
export class RunningMoments {
  count = 0;
  mean = 0;
  private squares = 0;

  add(x: number): void {
    this.count++;
    if (this.mean === -Infinity) return;
    if (x === -Infinity) {
      this.mean = -Infinity;
      return;
    }
    const delta = x - this.mean;
    this.mean += delta / this.count;
    this.squares += delta * (x - this.mean);
  }

  /** Sample variance with n − 1; NaN below two numbers. */
  get variance(): number {
    return this.count < 2 ? NaN : this.squares / (this.count - 1);
  }

  /** Standard error of the mean; null where it cannot be told. */
  get standardError(): number | null {
    if (this.count < 2 || !Number.isFinite(this.mean)) return null;
    return Math.sqrt(this.variance / this.count);
  }
}

/** Running sums of exp(l) and exp(2l) over log weights l, scaled by the largest so far. */
export class LogWeightMoments {
  count = 0;
  dead = 0;
  max = -Infinity;
  private sum = 0;
  private sumSquares = 0;

  add(logWeight: number): void {
    this.count++;
    if (logWeight === -Infinity) {
      this.dead++;
      return;
    }
    if (logWeight > this.max) {
      const scale = Math.exp(this.max - logWeight);
      this.sum *= scale;
      this.sumSquares *= scale * scale;
      this.max = logWeight;
    }
    const w = Math.exp(logWeight - this.max);
    this.sum += w;
    this.sumSquares += w * w;
  }

  /** log of the mean weight. */
  get logMean(): number {
    return this.sum === 0 ? -Infinity : this.max + Math.log(this.sum / this.count);
  }

  /** sd(w) / (mean(w) √N): the standard error of log mean w to first order, with the n − 1 variance. */
  get logMeanStandardError(): number | null {
    if (this.count < 2 || this.sum === 0) return null;
    const mean = this.sum / this.count;
    const variance = (this.sumSquares / this.count - mean * mean) * (this.count / (this.count - 1));
    return Math.sqrt(Math.max(0, variance) / this.count) / mean;
  }

  /** (Σw)² / Σw²; 0 where every weight is zero. */
  get ess(): number {
    return this.sum === 0 ? 0 : (this.sum * this.sum) / this.sumSquares;
  }
}
