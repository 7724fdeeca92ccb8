import { decode, type Vocabulary } from './vocabulary.ts';

/** Many token sequences, stored flat. Sequence `i` is `tokens[offsets[i] … offsets[i + 1])`. */
export interface SequenceBatch {
  readonly size: number;
  readonly tokens: Int32Array;
  /** Length `size + 1`. */
  readonly offsets: Int32Array;
  /** 1 where the sequence ended with an end-of-sequence token, 0 where it was stopped at `maxTokens`. */
  readonly finished: Uint8Array;
}

/** A batch that belongs to a vocabulary, with its strings decoded at most once and only when asked for. */
export interface TextBatch extends SequenceBatch {
  readonly vocabulary: Vocabulary;
  text(index: number): string;
}

export function textBatch(vocabulary: Vocabulary, batch: SequenceBatch): TextBatch {
  const cache: (string | undefined)[] = new Array<string | undefined>(batch.size);
  return {
    ...batch,
    vocabulary,
    text: (i) => (cache[i] ??= decode(vocabulary, batch.tokens, batch.offsets[i], batch.offsets[i + 1])),
  };
}

/** Packs separate sequences into a batch. */
export function packSequences(
  sequences: readonly ArrayLike<number>[],
  finished: ArrayLike<number | boolean>,
): SequenceBatch {
  const offsets = new Int32Array(sequences.length + 1);
  sequences.forEach((s, i) => (offsets[i + 1] = offsets[i] + s.length));
  const tokens = new Int32Array(offsets[sequences.length]);
  sequences.forEach((s, i) => tokens.set(s, offsets[i]));
  return {
    size: sequences.length,
    tokens,
    offsets,
    finished: Uint8Array.from({ length: sequences.length }, (_, i) => (finished[i] ? 1 : 0)),
  };
}

/** Some sequences of a batch as one of their own. */
export function sequencesAt(batch: SequenceBatch, rows: ArrayLike<number>): SequenceBatch {
  const part = Array.from(rows);
  return packSequences(
    part.map((i) => batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1])),
    part.map((i) => batch.finished[i]),
  );
}
