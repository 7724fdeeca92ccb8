import { fail } from '@postulate/graph';
import type { BackoffTable, LanguageModel, StoredModel } from '../port/index.ts';
import { contentId } from '../priors/content-id.ts';
import { tableModel } from '../priors/table-model.ts';

interface TableMeta {
  readonly tokens: readonly string[];
  readonly separator: string;
  readonly maxTokens: number;
  readonly starts: readonly number[];
  readonly positions: boolean;
}

/** The law that a stored table is, started as it was for the context numbered `of`. */
export function readStoredTable({ meta, arrays }: StoredModel, of = 0): LanguageModel {
  const { tokens, separator, maxTokens, starts } = meta as unknown as TableMeta;
  const { rowStart, words, targets, probs } = arrays as Record<string, Int32Array> & { readonly probs: Float64Array };
  const contexts = rowStart.length - 1;
  const start = starts[of];
  if (start === undefined) throw fail('P503', 'the run folder has no such context');
  const table: BackoffTable = {
    vocabularySize: tokens.length,
    contexts,
    start,
    rowStart,
    words,
    probs: probs as unknown as Float64Array,
    targets,
    backoff: new Float64Array(contexts),
    parent: new Int32Array(contexts).fill(-1),
    norm: undefined,
    interpolated: true,
  };
  const vocabulary = { size: tokens.length, tokens, separator };
  const bytes = Buffer.from(probs.buffer, probs.byteOffset, probs.byteLength).toString('base64');
  return tableModel({
    id: contentId('fitted', tokens, separator, maxTokens, start, bytes),
    vocabulary,
    maxTokens,
    table,
  });
}
