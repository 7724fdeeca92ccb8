import type { SequenceBatch } from '@postulate/models';
import { andThen, type Maybe } from '../bind/maybe.ts';
import { choiceColumn, choiceOffsets } from './choices.ts';
import { priorRows } from './prior-rows.ts';
import type { Drawn, Training } from './training.ts';

function picked(batch: SequenceBatch, rows: Float32Array | Float64Array, width: number): Float64Array {
  const at = choiceOffsets(batch);
  const out = new Float64Array(at[batch.size]);
  for (let i = 0; i < batch.size; i++) {
    for (let j = at[i]; j < at[i + 1]; j++) {
      out[j] = rows[j * width + choiceColumn(batch, i, j - at[i], width)];
    }
  }
  return out;
}

/** log π of the token drawn at each choice. */
export function choiceLogs(t: Training, { batch, laws }: Drawn): Maybe<Float64Array> {
  return andThen(t.policy.rows(batch, laws), (rows) => picked(batch, rows, batch.vocabulary.size + 1));
}

/** log prior of the token drawn at each choice. */
export function priorChoiceLogs(t: Training, drawn: Drawn): Maybe<Float64Array> {
  return andThen(priorRows(t, drawn), (rows) => picked(drawn.batch, rows, drawn.batch.vocabulary.size + 1));
}
