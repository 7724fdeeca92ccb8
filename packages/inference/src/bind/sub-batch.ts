import type { SequenceBatch, TextBatch } from '@postulate/models';

/** What a batch was made of by `subBatch`: row i of it is row `rows[i]` of `whole`. */
export interface Origin {
  readonly whole: TextBatch;
  readonly rows: Int32Array;
}

const origins = new WeakMap<TextBatch, Origin>();

/** Where a batch came from, if `subBatch` made it. */
export const originOf = (batch: TextBatch): Origin | undefined => origins.get(batch);

/** The sequences of a batch named by `rows`. */
export function subSequences(batch: SequenceBatch, rows: ArrayLike<number>): SequenceBatch {
  const { tokens: all, offsets: from, finished: ended } = batch;
  const size = rows.length;
  const offsets = new Int32Array(size + 1);
  const finished = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    offsets[i + 1] = offsets[i] + from[rows[i] + 1] - from[rows[i]];
    finished[i] = ended[rows[i]];
  }
  const tokens = new Int32Array(offsets[size]);
  for (let i = 0, used = 0; i < size; i++) {
    for (let k = from[rows[i]]; k < from[rows[i] + 1]; k++) tokens[used++] = all[k];
  }
  return { size, tokens, offsets, finished };
}

/** The same as texts, sharing the batch's decoded strings. */
export function subBatch(batch: TextBatch, rows: Int32Array): TextBatch {
  const { vocabulary } = batch;
  const part: TextBatch = { ...subSequences(batch, rows), vocabulary, text: (i) => batch.text(rows[i]) };
  origins.set(part, { whole: batch, rows });
  return part;
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
