import type { BackoffTable } from '../port/index.ts';
import { nextContext, probability } from './table-lookup.ts';
import { cumulativeRow } from './table-sampler.ts';

/** Cells (contexts × words) up to which whole rows are worth their memory, 20 bytes a cell that is visited. */
const SPELLED_CELLS = 1_000_000;

/** The law after one context with all that drawing from it needs; entry `w` is that of word `w`. */
export interface SpelledRow {
  /** Running sums of the raw weights, cut after the last word of positive weight. */
  readonly sums: Float64Array;
  /** log P(word), nats. */
  readonly logs: Float64Array;
  /** Context after the word, −1 where there is none. */
  readonly targets: Int32Array;
}

/** Rows of a small table, each spelled out on its first visit; undefined for a table that is too large. */
export function spelledRows(table: BackoffTable): ((context: number) => SpelledRow) | undefined {
  if (table.contexts * (table.vocabularySize + 1) > SPELLED_CELLS) return undefined;
  const rows: (SpelledRow | undefined)[] = new Array<SpelledRow | undefined>(table.contexts);
  const spell = (h: number): SpelledRow => {
    const sums = cumulativeRow(table, h);
    return {
      sums,
      logs: Float64Array.from(sums, (_, w) => Math.log(probability(table, h, w))),
      targets: Int32Array.from(sums, (_, w) => nextContext(table, h, w)),
    };
  };
  return (h) => (rows[h] ??= spell(h));
}
