import { fail } from '@postulate/graph';
import type { BackoffTable, LanguageModel } from '../port/index.ts';
import { contentId } from './content-id.ts';
import { type KeptRow, rowModel, type Rows } from './row-model.ts';
import { denseRaw, nextContext } from './table-lookup.ts';
import { tableModel } from './table-model.ts';

/** Cells of contexts × vocabulary up to which a truncated prior is written out in full. */
const FULL_CELLS = 5_000_000;
/** Kept entries up to which the rows of visited contexts are remembered. */
const REMEMBERED_ENTRIES = 4_000_000;

/** Top-k, then top-p, of the law after `context`; ties go to the smaller id. */
function keptRow(table: BackoffTable, context: number, topK: number, topP: number, scratch: Float64Array): KeptRow {
  denseRaw(table, context, scratch);
  const candidates = mostLikely(scratch, topK);
  let mass = candidates.reduce((sum, word) => sum + scratch[word], 0);
  let size = candidates.length;
  if (topP < 1) {
    const wanted = topP * mass;
    mass = 0;
    for (size = 0; size < candidates.length && mass < wanted * (1 - 1e-15); size++) mass += scratch[candidates[size]];
  }
  const words = Int32Array.from(candidates.slice(0, size)).sort();
  return {
    words,
    probs: Float64Array.from(words, (word) => scratch[word] / mass),
    targets: Int32Array.from(words, (w) => (w === table.vocabularySize ? -1 : nextContext(table, context, w))),
  };
}

/** Up to `limit` words of positive weight, most likely first. */
function mostLikely(weights: Float64Array, limit: number): number[] {
  const positive: number[] = [];
  let least = 0;
  if (limit * 4 < weights.length) least = Float64Array.from(weights).sort()[weights.length - limit];
  weights.forEach((weight, word) => {
    if (weight > 0 && weight >= least) positive.push(word);
  });
  return positive.sort((a, b) => weights[b] - weights[a] || a - b).slice(0, limit);
}

/**
 * A truncated prior. Truncation breaks the back-off structure: where contexts × vocabulary is at most five million the
 * rows are written out, and the model stays finite-state; elsewhere rows are made when a context is visited, and the
 * model has no `table`.
 */
export function truncated(model: LanguageModel, topK: number, topP: number): LanguageModel {
  const { table } = model;
  if (table === undefined) throw fail('P307', '`top_k` and `top_p` of this prior are not available.');
  const id = contentId('truncated', model.id, Number.isFinite(topK) ? topK : null, topP);
  const scratch = new Float64Array(table.vocabularySize + 1);
  const row = (context: number): KeptRow => keptRow(table, context, topK, topP, scratch);
  if (table.contexts * (table.vocabularySize + 1) <= FULL_CELLS) {
    return tableModel({ id, vocabulary: model.vocabulary, maxTokens: model.maxTokens, table: writtenOut(table, row) });
  }
  return rowModel(model, id, remembered(row));
}

function writtenOut(table: BackoffTable, row: (context: number) => KeptRow): BackoffTable {
  const rows = Array.from({ length: table.contexts }, (_, h) => row(h));
  const rowStart = new Int32Array(table.contexts + 1);
  rows.forEach((r, h) => (rowStart[h + 1] = rowStart[h] + r.words.length));
  const size = rowStart[table.contexts];
  const flat = { words: new Int32Array(size), probs: new Float64Array(size), targets: new Int32Array(size) };
  rows.forEach((r, h) => {
    flat.words.set(r.words, rowStart[h]);
    flat.probs.set(r.probs, rowStart[h]);
    flat.targets.set(r.targets, rowStart[h]);
  });
  return {
    ...table,
    rowStart,
    ...flat,
    backoff: new Float64Array(table.contexts),
    parent: new Int32Array(table.contexts).fill(-1),
    norm: undefined,
    interpolated: true,
  };
}

function remembered(row: Rows): Rows {
  const rows = new Map<number, KeptRow>();
  let entries = 0;
  return (context) => {
    const known = rows.get(context);
    if (known !== undefined) return known;
    const fresh = row(context);
    entries += fresh.words.length;
    if (entries > REMEMBERED_ENTRIES) {
      rows.clear();
      entries = fresh.words.length;
    }
    rows.set(context, fresh);
    return fresh;
  };
}
