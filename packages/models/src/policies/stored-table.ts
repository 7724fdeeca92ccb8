import type { StoredModel, Vocabulary } from '../port/index.ts';
import type { RowWeights } from './table-law.ts';
import type { TableRows } from './table-rows.ts';

interface Parts {
  readonly rows: TableRows;
  readonly weights: RowWeights;
  /** Where the laws of its contexts start; the first is where a text without a prompt does. */
  readonly starts: readonly number[];
  readonly vocabulary: Vocabulary;
  readonly maxTokens: number;
  readonly positions: boolean;
}

export const STORED_TABLE = 'table';

/** A trained table as `fitted` reads it back. */
export function storedTable({ rows, weights, starts, vocabulary, maxTokens, positions }: Parts): StoredModel {
  return {
    kind: STORED_TABLE,
    meta: {
      tokens: vocabulary.tokens,
      separator: vocabulary.separator,
      maxTokens,
      starts,
      positions,
    },
    arrays: {
      rowStart: rows.rowStart.slice(),
      words: rows.words.slice(),
      targets: rows.targets.slice(),
      probs: weights.probs.slice(),
    },
  };
}
