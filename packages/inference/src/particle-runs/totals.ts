import { LogWeightMoments } from '../numeric/index.ts';
import type { RunChunk } from './state.ts';

/** What a progress line says of the runs so far, kept up run by run. */
export class RunTotals {
  readonly moments = new LogWeightMoments();
  tokens = 0;
  /** Σ (Ẑ / the largest Ẑ)² of the runs, each times its lineage squares, and the log of the largest. */
  private squares = 0;
  private max = -Infinity;

  add({ logZ, lineageSquares, sampled }: Pick<RunChunk, 'logZ' | 'lineageSquares' | 'sampled'>): void {
    this.moments.add(logZ);
    this.tokens += sampled;
    if (logZ === -Infinity) return;
    if (logZ > this.max) {
      this.squares *= Math.exp(2 * (this.max - logZ));
      this.max = logZ;
    }
    this.squares += Math.exp(2 * (logZ - this.max)) * lineageSquares;
  }

  /** `effectiveParticles` of the runs so far. */
  get ess(): number {
    const { logMean, count } = this.moments;
    if (this.squares === 0) return 0;
    return Math.exp(2 * (logMean + Math.log(count) - this.max)) / this.squares;
  }
}
