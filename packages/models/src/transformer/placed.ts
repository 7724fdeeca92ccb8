import type { SequenceBatch } from '../port/index.ts';

/** Sequences of a batch as rows of one length: what a decoder reads, what should follow, and where each choice stands. */
export interface PlacedSequences {
  readonly rows: number;
  readonly length: number;
  /** rows × length; 0 behind a sequence's end, where causal attention cannot see it. */
  readonly ids: Int32Array;
  readonly targets: Int32Array;
  /** Index into rows × length of every choice of the sequences, one sequence after the other (`choiceOffsets`). */
  readonly places: Int32Array;
}

/**
 * Sequences `from` to `to` (excluded) of a batch, each after its prefix; a finished one is followed by the token `end`. The last token
 * of a sequence is read only where its end follows.
 */
export function placeSequences(
  { tokens, offsets, finished }: SequenceBatch,
  from: number,
  to: number,
  prefixOf: (sequence: number) => Int32Array,
  end: number,
): PlacedSequences {
  const choices = (i: number): number => offsets[i + 1] - offsets[i] + finished[i];
  let length = 1;
  let total = 0;
  for (let i = from; i < to; i++) {
    length = Math.max(length, prefixOf(i).length - 1 + choices(i));
    total += choices(i);
  }
  const rows = to - from;
  const ids = new Int32Array(rows * length);
  const targets = new Int32Array(rows * length);
  const places = new Int32Array(total);
  let next = 0;
  for (let i = from; i < to; i++) {
    const prefix = prefixOf(i);
    const row = (i - from) * length;
    ids.set(prefix, row);
    for (let t = 0; t < choices(i); t++) {
      const at = row + prefix.length - 1 + t;
      const token = offsets[i] + t < offsets[i + 1] ? tokens[offsets[i] + t] : end;
      targets[at] = token;
      places[next++] = at;
      if (t + 1 < choices(i)) ids[at + 1] = token;
    }
  }
  return { rows, length, ids, targets, places };
}

/** Elements of the largest array that one run may make: logits of all its positions. */
const MOST_LOGITS = 2 ** 25;

/** Cuts a batch into runs of sequences whose logits fit: `[from, to)` each. */
export function runsOf(
  batch: SequenceBatch,
  prefixOf: (sequence: number) => Int32Array,
  vocabulary: number,
): readonly (readonly [from: number, to: number])[] {
  const most = Math.max(1, Math.floor(MOST_LOGITS / vocabulary));
  const runs: (readonly [number, number])[] = [];
  let from = 0;
  let longest = 0;
  for (let i = 0; i < batch.size; i++) {
    const length = prefixOf(i).length + batch.offsets[i + 1] - batch.offsets[i];
    if (i > from && Math.max(longest, length) * (i + 1 - from) > most) {
      runs.push([from, i]);
      from = i;
      longest = 0;
    }
    longest = Math.max(longest, length);
  }
  if (batch.size > from) runs.push([from, batch.size]);
  return runs;
}
