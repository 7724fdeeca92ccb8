import type { TextBatch } from '@postulate/models';
import { andThen, type Maybe } from '../bind/maybe.ts';
import { choiceColumn, choiceOffsets } from './choices.ts';
import { priorRows } from './model-rows.ts';
import type { Drawn, Training } from './training.ts';

/** The entry of the token drawn in each choice's row of V + 1. */
export function pickChoices(batch: TextBatch, rows: Float32Array | Float64Array): Float64Array {
  const width = batch.vocabulary.size + 1;
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
  return andThen(t.policy.rows(batch, laws), (rows) => pickChoices(batch, rows));
}

/** log prior of the token drawn at each choice. */
export function priorChoiceLogs(t: Training, drawn: Drawn): Maybe<Float64Array> {
  return andThen(priorRows(t, drawn), (rows) => pickChoices(drawn.batch, rows));
}
