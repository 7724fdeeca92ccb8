import type { SequenceBatch, TextBatch, Vocabulary } from '@postulate/models';

/** As `decode` of the models: a byte order mark is a character like others. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The string of a sequence of tokens. */
export function textOf(vocabulary: Vocabulary, tokens: Iterable<number>): string {
  const { bytes } = vocabulary;
  if (bytes !== undefined) return UTF8.decode(Buffer.concat(Array.from(tokens, (w) => bytes[w])));
  let text = '';
  let first = true;
  for (const w of tokens) {
    text += first ? vocabulary.tokens[w] : vocabulary.separator + vocabulary.tokens[w];
    first = false;
  }
  return text;
}

/** A batch with its strings made when asked for, once. */
export function withTexts(vocabulary: Vocabulary, batch: SequenceBatch): TextBatch {
  const kept = new Array<string | undefined>(batch.size);
  const make = (i: number): string => textOf(vocabulary, batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]));
  return { ...batch, vocabulary, text: (i) => (kept[i] ??= make(i)) };
}
