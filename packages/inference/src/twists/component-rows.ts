import { emptyDenseRow, fillDenseRow, lookupOf, type PreparedTable } from '../dp/index.ts';

/** Next-word log-probabilities of one table of a mixture, nats. */
export interface ComponentRows {
  /** Every word and, last, the end; length V + 1. */
  next(context: number, out: Float64Array): void;
  /** One word. */
  logProb(context: number, word: number): number;
}

export function componentRows(p: PreparedTable): ComponentRows {
  const { table, vocabularySize, rawEnd } = p;
  const lookup = lookupOf(table);
  const dense = emptyDenseRow(vocabularySize);
  const norm = (h: number): number => table.norm?.[h] ?? 1;
  return {
    next(context, out) {
      fillDenseRow(p, context, dense);
      for (let w = 0; w < vocabularySize; w++) out[w] = Math.log(dense.raw[w] / norm(context));
      out[vocabularySize] = Math.log(rawEnd[context] / norm(context));
    },
    logProb(context, word) {
      const k = lookup.find(context, word);
      return k === -1 ? -Infinity : Math.log((lookup.factor * table.probs[k]) / norm(context));
    },
  };
}
