import type { BackoffTable } from '@postulate/models';
import { firstAbove, gatherIntegers } from '../numeric/index.ts';
import { rowSampler, type RowSampler } from './row-sampler.ts';
import type { TokenRows } from './token-rows.ts';

/** Cells up to which every visited context keeps its whole row. */
const DENSE_CELLS = 4_000_000;

/** The row of a context spelled out: logs, running sums of the probabilities, and the context that each word leads to. */
interface SpelledRow {
  readonly logs: Float64Array;
  readonly sums: Float64Array;
  readonly targets: Int32Array;
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
  return {
    logs,
    sums: logs.map((l) => (sum += Math.exp(l))),
    targets: Int32Array.from(logs, (_, word) => sampler.target(context, word)),
  };
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
    fill(row, out) {
      const logs = spelled?.(contexts[row]).logs ?? sampler.logRow(contexts[row]);
      for (let w = 0; w < logs.length; w++) out[w] = logs[w];
    },
    context: (row) => contexts[row],
    advance(tokens) {
      for (let i = 0; i < size; i++) {
        // Rows that have ended stay where they are.
        const [h, word] = [contexts[i], tokens[i]];
        if (word < 0 || word >= table.vocabularySize) continue;
        contexts[i] = spelled === undefined ? sampler.target(h, word) : spelled(h).targets[word];
      }
    },
    reorder(ancestors) {
      contexts = gatherIntegers(contexts, ancestors);
    },
  };
}
