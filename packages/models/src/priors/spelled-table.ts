import type { BackoffTable, SampledBatch } from '../port/index.ts';
import { nextContext, probability } from './table-lookup.ts';
import { cumulativeRow } from './table-sampler.ts';

/** Cells (contexts × words) up to which whole rows are worth their memory, 24 to 28 bytes a cell (of small tables up to 148). */
const SPELLED_CELLS = 1_000_000;

/** Tables of so few cells look a search up in so many times as many parts, nearly all of which lie within one word. */
const FINE_CELLS = 50_000;
const FINER = 16;

/**
 * A table with the law after each context spelled out on its first visit. Cell `context · stride + w` is that of word `w`, a row
 * ends with its last word of positive weight.
 */
export class SpelledTable {
  /** Running sums of the raw weights; infinite at the last word of a row, past which no search goes. */
  private readonly sums: Float64Array;
  /** log P(word), nats. */
  private readonly logs: Float64Array;
  /** Context after the word, −1 where there is none. */
  private readonly targets: Int32Array;
  /** Sum of a row's raw weights, 0 for one that has not been visited. */
  private readonly totals: Float64Array;
  /** Where the search for a uniform number in the j-th of `slots` equal parts of [0, 1) begins (Chen & Asau 1974). */
  private readonly starts: Uint32Array;
  private readonly slots: number;
  private readonly stride: number;
  private readonly table: BackoffTable;

  constructor(table: BackoffTable) {
    this.table = table;
    this.stride = table.vocabularySize + 1;
    const cells = table.contexts * this.stride;
    const finest = cells <= FINE_CELLS ? FINER : 1;
    this.slots = finest * 2 ** Math.ceil(Math.log2(this.stride));
    this.sums = new Float64Array(cells);
    this.logs = new Float64Array(cells);
    this.targets = new Int32Array(cells);
    this.totals = new Float64Array(table.contexts);
    this.starts = new Uint32Array(table.contexts * this.slots);
  }

  private spell(context: number): void {
    const row = cumulativeRow(this.table, context);
    const at = context * this.stride;
    const total = row[row.length - 1];
    for (let w = 0; w < row.length; w++) {
      this.sums[at + w] = w === row.length - 1 ? Infinity : row[w];
      this.logs[at + w] = Math.log(probability(this.table, context, w));
      this.targets[at + w] = nextContext(this.table, context, w);
    }
    for (let j = 0, w = 0; j < this.slots; j++) {
      while (this.sums[at + w] <= (j / this.slots) * total) w++;
      this.starts[context * this.slots + j] = w;
    }
    this.totals[context] = total;
  }

  /** `count` texts of at most `maxTokens` tokens; each token is the first whose running sum exceeds the next u · total. */
  sample(maxTokens: number, count: number, uniform: () => number): SampledBatch {
    const { sums, logs, targets, totals, starts, slots, stride } = this;
    const [start, end] = [this.table.start, this.table.vocabularySize];
    const offsets = new Int32Array(count + 1);
    const finished = new Uint8Array(count);
    const logProbs = new Float64Array(count);
    let tokens = new Int32Array(Math.max(16, count * Math.min(maxTokens, 16)));
    let used = 0;
    for (let i = 0; i < count; i++) {
      let context = start;
      let logProb = 0;
      if (used + maxTokens > tokens.length) tokens = grown(tokens, used + maxTokens);
      for (let t = 0; t < maxTokens; t++) {
        // A context that is none, after a word that has no row, is refused there.
        if (!(totals[context] > 0)) this.spell(context);
        const u = uniform();
        const x = u * totals[context];
        const at = context * stride;
        let word = starts[context * slots + Math.trunc(u * slots)];
        while (sums[at + word] <= x) word++;
        logProb += logs[at + word];
        if (word === end) {
          finished[i] = 1;
          break;
        }
        tokens[used++] = word;
        context = targets[at + word];
      }
      offsets[i + 1] = used;
      logProbs[i] = logProb;
    }
    return { size: count, tokens: tokens.slice(0, used), offsets, finished, logProbs };
  }
}

/** Whether a table is small enough. */
export const canSpell = (table: BackoffTable): boolean => table.contexts * (table.vocabularySize + 1) <= SPELLED_CELLS;

/** The same tokens with room for so many. */
export function grown(tokens: Int32Array, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(needed, tokens.length * 2));
  larger.set(tokens);
  return larger;
}
