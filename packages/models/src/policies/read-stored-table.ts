import { fail } from '@postulate/graph';
import type { BackoffTable, LanguageModel, StoredModel } from '../port/index.ts';
import { contentId } from '../priors/content-id.ts';
import { tableModel } from '../priors/table-model.ts';

interface TableMeta {
  readonly tokens: readonly string[];
  readonly separator: string;
  readonly maxTokens: number;
  readonly starts: readonly number[];
  readonly origin: number | null;
}

/**
 * The law that a stored table is: as it was trained for the prior (of a family: the one numbered `of`), or, for a prompt that is yet
 * to be read, where texts start.
 */
export function readStoredTable({ meta, arrays }: StoredModel, of: number | 'unprompted' = 0): LanguageModel {
  const { tokens, separator, maxTokens, starts, origin } = meta as unknown as TableMeta;
  const { rowStart, words, targets, probs } = arrays as Record<string, Int32Array> & { readonly probs: Float64Array };
  const contexts = rowStart.length - 1;
  const start = of === 'unprompted' ? origin : starts[of];
  if (start === null || start === undefined) {
    throw fail('P307', 'a policy with a row for each position was trained for its own prompts and takes no other');
  }
  const table: BackoffTable = {
    vocabularySize: tokens.length,
    contexts,
    start,
    rowStart,
    words,
    probs: probs as unknown as Float64Array,
    targets,
    backoff: new Float64Array(contexts),
    // Nothing is ever backed off to: the parents say what is left of a context when a prompt's token is unknown.
    parent:
      ((of === 'unprompted' ? arrays['parent'] : undefined) as Int32Array | undefined) ??
      new Int32Array(contexts).fill(-1),
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
