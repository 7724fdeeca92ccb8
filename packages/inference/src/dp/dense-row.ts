import type { PreparedTable } from './prepared-table.ts';

/** The whole next-word law of a context, raw weights (before division by its norm) and contexts reached. */
export interface DenseRow {
  readonly raw: Float64Array;
  readonly targets: Int32Array;
}

export function emptyDenseRow(vocabularySize: number): DenseRow {
  return { raw: new Float64Array(vocabularySize), targets: new Int32Array(vocabularySize) };
}

/** Fills `row` for `context`, from the shortest context to the longest: only products and overwriting, no difference. */
export function fillDenseRow(p: PreparedTable, context: number, row: DenseRow): void {
  const { rowStart, words, probs, targets, parent, backoff } = p.table;
  const path: number[] = [];
  for (let h = context; h !== -1; h = parent[h]) path.push(h);
  row.raw.fill(0);
  for (const h of path.reverse()) {
    if (parent[h] !== -1) for (let w = 0; w < row.raw.length; w++) row.raw[w] *= backoff[h];
    for (let k = rowStart[h]; k < p.wordEnd[h]; k++) {
      row.raw[words[k]] = probs[k];
      row.targets[words[k]] = targets[k];
    }
  }
}
