import type { BackoffTable } from '@postulate/models';
import { firstAbove } from '../numeric/index.ts';
import { rowSampler, type RowSampler } from './row-sampler.ts';
import type { TokenRows } from './token-rows.ts';

/** Cells up to which every visited context keeps its whole row. */
const DENSE_CELLS = 4_000_000;

/** The row of a context spelled out: logs, and running sums of the probabilities. */
interface SpelledRow {
  readonly logs: Float64Array;
  readonly sums: Float64Array;
}

interface Laws {
  readonly sampler: RowSampler;
  /** Undefined where the table is too large for spelled-out rows. */
  readonly spelled: ((context: number) => SpelledRow) | undefined;
}

const kept = new WeakMap<BackoffTable, Laws>();

function spell(sampler: RowSampler, context: number): SpelledRow {
  const logs = sampler.logRow(context);
  let sum = 0;
  return { logs, sums: logs.map((l) => (sum += Math.exp(l))) };
}

function lawsOf(table: BackoffTable): Laws {
  let laws = kept.get(table);
  if (laws === undefined) {
    const sampler = rowSampler(table);
    const rows: SpelledRow[] = [];
    const small = table.contexts * (table.vocabularySize + 1) <= DENSE_CELLS;
    laws = { sampler, spelled: small ? (h) => (rows[h] ??= spell(sampler, h)) : undefined };
    kept.set(table, laws);
  }
  return laws;
}

/** Rows of a back-off table: a context each, without a row over the vocabulary where the table is large. */
export function tableRows(table: BackoffTable, size: number): TokenRows {
  const { sampler, spelled } = lawsOf(table);
  let contexts = new Int32Array(size).fill(table.start);
  return {
    draw(row, chooser) {
      const h = contexts[row];
      const { uniform } = chooser;
      if (uniform === undefined) return chooser.choose(spelled?.(h).logs ?? sampler.logRow(h));
      if (spelled === undefined) return sampler.draw(h, uniform, () => true);
      const { sums } = spelled(h);
      return firstAbove(sums, uniform() * sums[sums.length - 1]);
    },
    logProb(row, token) {
      const h = contexts[row];
      return spelled === undefined ? Math.log(sampler.probability(h, token)) : spelled(h).logs[token];
    },
    fill: (row, out) => out.set(spelled?.(contexts[row]).logs ?? sampler.logRow(contexts[row])),
    advance(tokens) {
      for (let i = 0; i < size; i++) {
        // Rows that have ended stay where they are.
        if (tokens[i] >= 0 && tokens[i] < table.vocabularySize) contexts[i] = sampler.target(contexts[i], tokens[i]);
      }
    },
    reorder(ancestors) {
      const before = contexts;
      contexts = new Int32Array(size);
      for (let i = 0; i < size; i++) contexts[i] = before[ancestors[i]];
    },
  };
}
