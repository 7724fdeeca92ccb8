import type { BackoffTable, Chooser } from '@postulate/models';
import { firstAbove } from '../numeric/index.ts';

/** Next-token law of a back-off table, one context at a time. The end of sequence is word `vocabularySize`. */
export interface RowSampler {
  /** The end of sequence's word. */
  readonly end: number;
  /** P(word | context). */
  probability(context: number, word: number): number;
  /** Context after `word`; −1 after the end of sequence. */
  target(context: number, word: number): number;
  /** Draws a word for which `allowed` holds, from the law restricted to those. */
  draw(context: number, uniform: () => number, allowed: (word: number) => boolean): number;
  /** log P of every word, the end of sequence last, for choosers that enumerate. */
  logRow(context: number): Float64Array;
}

/** Draws that are tried before the allowed words are listed, besides as many as there are words. */
const PATIENCE = 64;
/** Words of a shortened context that are tried for one that the longer one does not store. */
const OUTSIDE_TRIES = 1000;

/** Position of `word` in the row of a context, −1 where it is not stored. */
function find({ rowStart, words }: BackoffTable, context: number, word: number): number {
  let lo = rowStart[context];
  let hi = rowStart[context + 1] - 1;
  while (lo <= hi) {
    const middle = (lo + hi) >> 1;
    if (words[middle] === word) return middle;
    if (words[middle] < word) lo = middle + 1;
    else hi = middle - 1;
  }
  return -1;
}

/** log P of every word of a context, overwritten from the shortest context to the longest. */
function logRow(table: BackoffTable, context: number): Float64Array {
  const { rowStart, words, probs, parent, backoff, vocabularySize } = table;
  const row = new Float64Array(vocabularySize + 1);
  const chain: number[] = [];
  for (let h = context; h !== -1; h = parent[h]) chain.push(h);
  for (let level = chain.length - 1; level >= 0; level--) {
    const h = chain[level];
    if (parent[h] !== -1) for (let w = 0; w < row.length; w++) row[w] *= backoff[h];
    for (let k = rowStart[h]; k < rowStart[h + 1]; k++) row[words[k]] = probs[k];
  }
  const norm = table.norm?.[context] ?? 1;
  for (let w = 0; w < row.length; w++) row[w] = Math.log(row[w] / norm);
  return row;
}

export function rowSampler(table: BackoffTable): RowSampler {
  const cumulative = new Map<number, Float64Array>();
  const sums = (h: number): Float64Array => {
    let row = cumulative.get(h);
    if (!row) {
      let sum = 0;
      row = table.probs.slice(table.rowStart[h], table.rowStart[h + 1]).map((p) => (sum += p));
      cumulative.set(h, row);
    }
    return row;
  };
  const norm = (h: number): number => table.norm?.[h] ?? 1;

  const locate = (h: number, word: number): { readonly raw: number; readonly target: number } => {
    let weight = 1;
    for (let g = h; g !== -1; g = table.parent[g]) {
      const k = find(table, g, word);
      if (k !== -1) return { raw: weight * table.probs[k], target: table.targets[k] };
      weight *= table.backoff[g];
    }
    return { raw: 0, target: -1 };
  };
  /** The same law by listing it: for rows of which next to nothing is allowed. */
  const among = (h: number, uniform: () => number, allowed: (word: number) => boolean): number => {
    const weight = (w: number) => (allowed(w) ? locate(h, w).raw : 0);
    let total = 0;
    for (let w = 0; w <= table.vocabularySize; w++) total += weight(w);
    let left = uniform() * total;
    let last = -1;
    for (let w = 0; w <= table.vocabularySize; w++) {
      const mass = weight(w);
      if (mass === 0) continue;
      last = w;
      left -= mass;
      if (left < 0) break;
    }
    return last;
  };

  /** One word of a context: among its stored ones by bisection, else one that its shortened context gives and it does not. */
  const any = (h: number, uniform: () => number): number => {
    const row = sums(h);
    const u = uniform() * norm(h);
    const stored = row.length === 0 ? 0 : row[row.length - 1];
    const parent = table.parent[h];
    if (u >= stored && parent !== -1) {
      const outside = (w: number): boolean => find(table, h, w) === -1;
      for (let tries = 0; tries < OUTSIDE_TRIES; tries++) {
        const word = any(parent, uniform);
        if (outside(word)) return word;
      }
      // What is stored here is nearly all of the parent's mass, or all of it and `u` is rounding.
      const word = among(h, uniform, outside);
      if (word !== -1) return word;
    }
    return table.words[table.rowStart[h] + firstAbove(row, u)];
  };

  return {
    probability: (h, word) => locate(h, word).raw / norm(h),
    target: (h, word) => locate(h, word).target,
    draw(h, uniform, allowed) {
      for (let tries = 0; tries < PATIENCE + table.vocabularySize; tries++) {
        const word = any(h, uniform);
        if (allowed(word)) return word;
      }
      return among(h, uniform, allowed);
    },
    end: table.vocabularySize,
    logRow: (h) => logRow(table, h),
  };
}

/** Draws one word of a context with any chooser. */
export function drawWord(rows: RowSampler, context: number, chooser: Chooser): number {
  return chooser.uniform ? rows.draw(context, chooser.uniform, () => true) : chooser.choose(rows.logRow(context));
}
