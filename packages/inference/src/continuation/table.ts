import type { BackoffTable, Chooser } from '@postulate/models';
import type { Continuation } from './continuation.ts';
import { packDrawn, type Drawn } from './drawn.ts';
import { drawWord, rowSampler, type RowSampler } from '../rows/index.ts';

function continued(rows: RowSampler, start: number, maxTokens: number, prefix: Int32Array, chooser: Chooser): Drawn {
  const tokens: number[] = [];
  let context = start;
  let logProb = 0;
  while (tokens.length < maxTokens) {
    const known = tokens.length < prefix.length;
    const word = known ? prefix[tokens.length] : drawWord(rows, context, chooser);
    logProb += Math.log(rows.probability(context, word));
    if (word === rows.end) return { tokens, finished: true, logProb };
    tokens.push(word);
    context = rows.target(context, word);
  }
  return { tokens, finished: false, logProb };
}

/** A walk from context to context; nothing waits for anything. */
export function tableContinuation(table: BackoffTable, maxTokens: number): Continuation {
  const rows = rowSampler(table);
  return (prefixes, choosers) =>
    packDrawn(prefixes.map((prefix, i) => continued(rows, table.start, maxTokens, prefix, choosers[i])));
}
