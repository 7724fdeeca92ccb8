import type { StoredModel, Vocabulary } from '../port/index.ts';
import type { RowWeights } from './table-law.ts';
import type { TableRows } from './table-rows.ts';

interface Parts {
  readonly rows: TableRows;
  readonly weights: RowWeights;
  /** Where the laws that it was trained for start. */
  readonly starts: readonly number[];
  /** Where a prompt is read from; undefined where none can be. */
  readonly origin: number | undefined;
  /** The prior's shortened contexts, by which a prompt with an unknown token is read. */
  readonly parent: Int32Array;
  readonly vocabulary: Vocabulary;
  readonly maxTokens: number;
}

export const STORED_TABLE = 'table';

/** A trained table as `fitted` reads it back. */
export function storedTable({ rows, weights, starts, origin, parent, vocabulary, maxTokens }: Parts): StoredModel {
  return {
    kind: STORED_TABLE,
    meta: {
      tokens: vocabulary.tokens,
      separator: vocabulary.separator,
      maxTokens,
      starts,
      origin: origin ?? null,
    },
    arrays: {
      rowStart: rows.rowStart.slice(),
      words: rows.words.slice(),
      targets: rows.targets.slice(),
      probs: weights.probs.slice(),
      ...(origin === undefined ? {} : { parent: parent.slice() }),
    },
  };
}
