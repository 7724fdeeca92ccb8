import { Floats } from '../../numeric/index.ts';
import type { Draw } from '../../port/index.ts';
import type { ProposalChunk } from './chunk.ts';

/** Values of a named function at each proposal of a chunk, NaN at those of weight zero. */
function spread({ size, live }: ProposalChunk, values: Float64Array): Float64Array {
  const all = new Float64Array(size).fill(NaN);
  for (let i = 0; i < live.length; i++) all[live[i]] = values[i];
  return all;
}

/** All weighted proposals of a run, in columns; a proposal becomes an object only where it is handed out. */
export class Proposals {
  readonly logPrior = new Floats();
  readonly logFactor = new Floats();
  readonly logWeight = new Floats();
  /** Values of each named function at each proposal of positive weight, NaN at the others. */
  readonly named: readonly Floats[];
  private readonly chunks: ProposalChunk[] = [];

  constructor(functions: number) {
    this.named = Array.from({ length: functions }, () => new Floats());
  }

  get size(): number {
    return this.logWeight.length;
  }

  /** Every chunk but the last is of one size. */
  add(chunk: ProposalChunk): void {
    this.chunks.push(chunk);
    this.logPrior.append(chunk.logPrior);
    this.logFactor.append(chunk.logFactor);
    this.logWeight.append(chunk.logWeight);
    chunk.values.forEach((values, k) => this.named[k].append(spread(chunk, values)));
  }

  draw(i: number): Draw {
    const each = this.chunks[0].size;
    const { tokens, offsets, finished, logPrior, logFactor, logWeight } = this.chunks[Math.floor(i / each)];
    const row = i % each;
    return {
      tokens: tokens.slice(offsets[row], offsets[row + 1]),
      finished: finished[row] === 1,
      logPrior: logPrior[row],
      logFactor: logFactor[row],
      logWeight: logWeight[row],
    };
  }
}
