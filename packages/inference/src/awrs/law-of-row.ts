import type { LanguageModel } from '@postulate/models';
import type { TokenRows } from '../rows/index.ts';
import { DenseLaw } from './dense-law.ts';
import type { RemainingLaw } from './remaining-law.ts';
import { SparseLaw } from './sparse-law.ts';

/** Longest row that is written out even where the model could be drawn from without. */
const SHORT_ROW = 64;

/**
 * Gives the next-token law of a row; the one given last is the only valid one. Tokens left out may be missing from it;
 * where `costly`, because they are most of the row, they are missing from long rows too.
 */
export type LawOfRow = (row: number, leftOut?: (token: number) => boolean, costly?: boolean) => RemainingLaw;

/** Laws of rows: written out where they are short or the model gives whole rows anyway, else looked up as they are drawn. */
export function lawOfRow(model: Pick<LanguageModel, 'vocabulary' | 'table'>, rows: TokenRows): LawOfRow {
  const size = model.vocabulary.size + 1;
  const written = writtenLaw(rows, size);
  if (model.table === undefined || size <= SHORT_ROW) return written;
  const sparse = new SparseLaw(rows, size);
  return (row, leftOut, costly = false) => (costly && leftOut !== undefined ? written(row, leftOut) : sparse.load(row));
}

function writtenLaw(rows: TokenRows, size: number): LawOfRow {
  let logs: Float64Array | undefined;
  let dense: DenseLaw | undefined;
  return (row, leftOut) => {
    logs ??= new Float64Array(size);
    dense ??= new DenseLaw(size);
    rows.fill(row, logs);
    return dense.load(logs, leftOut);
  };
}
