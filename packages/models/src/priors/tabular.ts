import { fail } from '@postulate/graph';
import type { BackoffTable, LanguageModel } from '../port/index.ts';
import { contentId } from './content-id.ts';
import { tableModel } from './table-model.ts';

/**
 * The finite distribution over `entries` with weights normalised by their sum. A text is one token and always finishes;
 * `maxTokens` is 2, so that the end of sequence fits. Errors: P303 for a weight that is not positive and finite,
 * P307 for no entries.
 */
export function tabular(entries: readonly (readonly [string, number])[]): LanguageModel {
  if (entries.length === 0) throw fail('P307', 'tabular needs at least one text with its weight.');
  for (const [text, weight] of entries) {
    if (!(weight > 0) || weight === Infinity) {
      throw fail('P303', `the weight of "${text}" in tabular must be a positive number, but it is ${weight}.`);
    }
  }
  const largest = entries.reduce((most, [, weight]) => Math.max(most, weight), 0);
  // Dividing by a power of two changes no digit, and keeps huge weights from overflowing their sum.
  const unit = 2 ** Math.floor(Math.log2(largest));
  const scaled = entries.map(([, weight]) => weight / unit);
  const total = scaled.reduce((sum, weight) => sum + weight, 0);
  const size = entries.length;
  const table: BackoffTable = {
    vocabularySize: size,
    contexts: 2,
    start: 0,
    rowStart: Int32Array.of(0, size, size + 1),
    words: Int32Array.from({ length: size + 1 }, (_, i) => i),
    probs: Float64Array.from([...scaled.map((weight) => weight / total), 1]),
    targets: Int32Array.from({ length: size + 1 }, (_, i) => (i < size ? 1 : -1)),
    backoff: new Float64Array(2),
    parent: Int32Array.of(-1, -1),
    norm: undefined,
    interpolated: true,
  };
  const tokens = entries.map(([text]) => text);
  return tableModel({
    id: contentId('tabular', entries),
    vocabulary: { size, tokens, separator: '' },
    maxTokens: 2,
    table,
  });
}
