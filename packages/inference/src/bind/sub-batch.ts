import type { SequenceBatch, TextBatch } from '@postulate/models';

/** The rows of a batch named by `rows`, sharing its decoded strings. */
export function subBatch(batch: TextBatch, rows: Int32Array): TextBatch {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i] + batch.offsets[row + 1] - batch.offsets[row]));
  const tokens = new Int32Array(offsets[rows.length]);
  rows.forEach((row, i) => tokens.set(batch.tokens.subarray(batch.offsets[row], batch.offsets[row + 1]), offsets[i]));
  return {
    size: rows.length,
    tokens,
    offsets,
    finished: Uint8Array.from(rows, (row) => batch.finished[row]),
    vocabulary: batch.vocabulary,
    text: (i) => batch.text(rows[i]),
  };
}

/** The same sequences in another numbering of the tokens. */
export function renumber(batch: SequenceBatch, ids: Int32Array): SequenceBatch {
  return {
    size: batch.size,
    tokens: batch.tokens.map((t) => ids[t]),
    offsets: batch.offsets,
    finished: batch.finished,
  };
}
