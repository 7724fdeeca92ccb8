import type { SequenceBatch } from '@postulate/models';

/** Sequences one after the other. */
export function joinBatches(parts: readonly SequenceBatch[]): SequenceBatch {
  if (parts.length === 1) return parts[0];
  const size = parts.reduce((n, p) => n + p.size, 0);
  const tokens = new Int32Array(parts.reduce((n, p) => n + p.offsets[p.size], 0));
  const offsets = new Int32Array(size + 1);
  const finished = new Uint8Array(size);
  let [row, at] = [0, 0];
  for (const p of parts) {
    tokens.set(p.tokens.subarray(0, p.offsets[p.size]), at);
    finished.set(p.finished, row);
    for (let i = 0; i < p.size; i++) offsets[row + i + 1] = at + p.offsets[i + 1];
    row += p.size;
    at += p.offsets[p.size];
  }
  return { size, tokens, offsets, finished };
}
