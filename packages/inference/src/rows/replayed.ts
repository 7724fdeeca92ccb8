import type { DecodeSession, LanguageModel, SequenceBatch } from '@postulate/models';
import { andThen, type Maybe } from '../bind/maybe.ts';

/**
 * A session in which sequence i of a batch is read by row i, from rows that were worked out in one pass; without such rows, one that is
 * decoded. It cannot be reordered, and reads the batch's tokens whatever it is told.
 */
export function replayed(model: LanguageModel, batch: SequenceBatch): Maybe<DecodeSession> {
  if (model.rows === undefined) return model.open(batch.size);
  return andThen(model.rows(batch), (rows) => sessionOf(rows, batch, model.vocabulary.size + 1));
}

function sessionOf(rows: Float32Array | Float64Array, batch: SequenceBatch, width: number): DecodeSession {
  const now = new Float64Array(batch.size * width);
  const starts = new Int32Array(batch.size);
  const choices = (i: number): number => batch.offsets[i + 1] - batch.offsets[i] + batch.finished[i];
  for (let i = 0; i + 1 < batch.size; i++) starts[i + 1] = starts[i] + choices(i);
  let t = 0;
  const load = (): void => {
    for (let i = 0; i < batch.size; i++) {
      const from = (starts[i] + t) * width;
      if (t < choices(i)) now.set(rows.subarray(from, from + width), i * width);
    }
  };
  load();
  return {
    logProbs: now,
    advance() {
      t++;
      load();
    },
    reorder() {
      throw new TypeError('what is replayed is in the order of its batch');
    },
  };
}
