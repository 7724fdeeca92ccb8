import type { Capability } from '@postulate/graph';
import type { BackoffTable, DecodeSession } from '../port/index.ts';
import { denseLog, nextContext } from './table-lookup.ts';

/** Sequences up to which a prior counts as one whose texts can be listed. */
const LISTED_SEQUENCES = 65_536;

export function tableCapabilities(size: number, maxTokens: number): ReadonlySet<Capability> {
  const all: Capability[] = ['sample', 'nextTokenScores', 'completeScore', 'finiteState'];
  let sequences = 0;
  for (let length = 0; length <= maxTokens && sequences <= LISTED_SEQUENCES; length++) sequences += size ** length;
  return new Set(sequences <= LISTED_SEQUENCES ? [...all, 'finiteSupport'] : all);
}

/** Rows of a batch that grows token by token; a row's law is written when first read after a step. */
export function openTable(table: BackoffTable, batch: number): DecodeSession {
  const width = table.vocabularySize + 1;
  let rows = new Float64Array(batch * width);
  let contexts = new Int32Array(batch).fill(table.start);
  let stale = true;
  const refresh = (): Float64Array => {
    if (stale) contexts.forEach((context, i) => fillRow(table, context, rows, i * width));
    stale = false;
    return rows;
  };
  return {
    get logProbs() {
      return refresh();
    },
    advance(tokens) {
      // A row that has ended (or can never be) keeps context −1: its law is not defined and nobody reads it.
      contexts = contexts.map((h, i) =>
        h === -1 || tokens[i] >= table.vocabularySize ? -1 : nextContext(table, h, tokens[i]),
      );
      stale = true;
    },
    reorder(ancestors) {
      contexts = Int32Array.from(ancestors, (a) => contexts[a]);
      if (rows.length !== contexts.length * width) rows = new Float64Array(contexts.length * width);
      stale = true;
    },
  };
}

function fillRow(table: BackoffTable, context: number, rows: Float64Array, offset: number): void {
  if (context === -1) rows.fill(-Infinity, offset, offset + table.vocabularySize + 1);
  else denseLog(table, context, rows, offset);
}
