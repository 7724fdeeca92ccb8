import { fail } from '@postulate/graph';
import type { SequenceBatch, TextBatch } from '@postulate/models';

/** Where each sequence's choices stand when those of a batch are written one after the other; the end of a finished one is one. */
export function choiceOffsets({ size, offsets, finished }: SequenceBatch): Int32Array {
  const at = new Int32Array(size + 1);
  for (let i = 0; i < size; i++) at[i + 1] = at[i] + offsets[i + 1] - offsets[i] + finished[i];
  return at;
}

/** What holds of a text, at each of its choices. */
export function eachChoice(batch: SequenceBatch, ofTexts: Float64Array): Float64Array {
  const at = choiceOffsets(batch);
  const out = new Float64Array(at[batch.size]);
  for (let i = 0; i < batch.size; i++) out.fill(ofTexts[i], at[i], at[i + 1]);
  return out;
}

/** The column of the token of choice `t` of text `i` in its row of `width` = V + 1 columns; the last is the end. */
export function choiceColumn(batch: SequenceBatch, i: number, t: number, width: number): number {
  const k = batch.offsets[i] + t;
  return k < batch.offsets[i + 1] ? batch.tokens[k] : width - 1;
}

/** Most cells of full rows (choices × (V + 1)) of a batch that are worked out at once: 320 MB in doubles. */
const MOST_CELLS = 40_000_000;

/** Refuses full rows of a batch that would be too many numbers (P602). */
export function insistRowsFit(batch: TextBatch, option: string): void {
  const cells = choiceOffsets(batch)[batch.size] * (batch.vocabulary.size + 1);
  if (cells <= MOST_CELLS) return;
  throw fail('P602', `${option} keeps ${cells} numbers for ${batch.size} texts, ${MOST_CELLS} at most`, {
    help: `lower batch to ${Math.max(2, Math.floor((0.9 * batch.size * MOST_CELLS) / cells))} or leave ${option} out`,
    kind: 'usage',
  });
}
