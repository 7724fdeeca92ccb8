import type { SequenceBatch } from '@postulate/models';

/** Where each sequence's choices stand when those of a batch are written one after the other; the end of a finished one is one. */
export function choiceOffsets({ size, offsets, finished }: SequenceBatch): Int32Array {
  const at = new Int32Array(size + 1);
  for (let i = 0; i < size; i++) at[i + 1] = at[i] + offsets[i + 1] - offsets[i] + finished[i];
  return at;
}
