import type { LanguageModel } from '@postulate/models';
import type { TokenRows } from '../rows/index.ts';
import { DenseLaw } from './dense-law.ts';
import type { RemainingLaw } from './remaining-law.ts';
import { SparseLaw } from './sparse-law.ts';

/** Longest row that is written out even where the model could be drawn from without. */
const SHORT_ROW = 64;

/** The next-token law of a row, as often as asked; the one given last is the only valid one. */
export function lawOfRow(
  model: Pick<LanguageModel, 'vocabulary' | 'table'>,
  rows: TokenRows,
): (row: number) => RemainingLaw {
  const size = model.vocabulary.size + 1;
  if (model.table !== undefined && size > SHORT_ROW) {
    const sparse = new SparseLaw(rows, size);
    return (row) => sparse.load(row);
  }
  const logs = new Float64Array(size);
  const dense = new DenseLaw(size);
  return (row) => {
    rows.fill(row, logs);
    return dense.load(logs);
  };
}
