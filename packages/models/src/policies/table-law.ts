import type { BackoffTable, Chooser, LanguageModel, SampledBatch, SequenceBatch, Vocabulary } from '../port/index.ts';
import { findEntry } from '../priors/table-lookup.ts';
import { openTable, tableCapabilities } from '../priors/table-session.ts';
import { upperIndex } from '../priors/table-sampler.ts';
import type { TableRows } from './table-rows.ts';

/** The numbers of a law over rows, one an entry. */
export interface RowWeights {
  readonly probs: Float64Array;
  readonly logProbs: Float64Array;
  /** Running sums of the probabilities within each row. */
  readonly cumulative: Float64Array;
}

/** Rows up to this length are searched from one end. */
const SHORT = 12;

/** Normalises row `h` of logits into probabilities. */
export function softmaxRow(rows: TableRows, logits: Float64Array, h: number, out: RowWeights): void {
  const from = rows.rowStart[h];
  const to = rows.rowStart[h + 1];
  let max = -Infinity;
  for (let k = from; k < to; k++) if (logits[k] > max) max = logits[k];
  let sum = 0;
  for (let k = from; k < to; k++) sum += out.probs[k] = Math.exp(logits[k] - max);
  const logSum = Math.log(sum);
  let running = 0;
  for (let k = from; k < to; k++) {
    out.probs[k] /= sum;
    out.logProbs[k] = logits[k] - max - logSum;
    running += out.probs[k];
    out.cumulative[k] = running;
  }
}

export function makeWeights(rows: TableRows, logits: Float64Array): RowWeights {
  const size = rows.words.length;
  const weights = {
    probs: new Float64Array(size),
    logProbs: new Float64Array(size),
    cumulative: new Float64Array(size),
  };
  for (let h = 0; h < rows.contexts; h++) softmaxRow(rows, logits, h, weights);
  return weights;
}

/** A back-off table over the same numbers: what changes them changes it. */
export function liveTable(rows: TableRows, { probs }: RowWeights, start: number): BackoffTable {
  return {
    vocabularySize: rows.vocabularySize,
    contexts: rows.contexts,
    start,
    rowStart: rows.rowStart,
    words: rows.words,
    probs,
    targets: rows.targets,
    backoff: new Float64Array(rows.contexts),
    parent: new Int32Array(rows.contexts).fill(-1),
    norm: undefined,
    interpolated: true,
  };
}

function entryOf(cumulative: Float64Array, from: number, to: number, uniform: number): number {
  const u = uniform * cumulative[to - 1];
  if (to - from > SHORT) return upperIndex(cumulative, from, to, u);
  let k = from;
  while (k < to - 1 && cumulative[k] <= u) k++;
  return k;
}

/** Draws the entry that follows context `h`. */
type NextEntry = (h: number) => number;

function nextEntry(rows: TableRows, weights: RowWeights, chooser: Chooser): NextEntry {
  const { uniform } = chooser;
  const { rowStart } = rows;
  const { cumulative, logProbs } = weights;
  if (uniform !== undefined) return (h) => entryOf(cumulative, rowStart[h], rowStart[h + 1], uniform());
  return (h) => rowStart[h] + chooser.choose(logProbs.subarray(rowStart[h], rowStart[h + 1]));
}

function sampleRows(
  rows: TableRows,
  { logProbs }: RowWeights,
  { start, maxTokens, count }: { readonly start: number; readonly maxTokens: number; readonly count: number },
  next: NextEntry,
): SampledBatch {
  const { words, targets, vocabularySize: end } = rows;
  const offsets = new Int32Array(count + 1);
  const finished = new Uint8Array(count);
  const sums = new Float64Array(count);
  let tokens = new Int32Array(Math.max(16, count * Math.min(maxTokens, 64)));
  let used = 0;
  for (let i = 0; i < count; i++) {
    if (used + maxTokens > tokens.length) {
      const larger = new Int32Array(Math.max(used + maxTokens, tokens.length * 2));
      larger.set(tokens);
      tokens = larger;
    }
    let h = start;
    let sum = 0;
    for (let t = 0; t < maxTokens; t++) {
      const k = next(h);
      sum += logProbs[k];
      if (words[k] === end) {
        finished[i] = 1;
        break;
      }
      tokens[used++] = words[k];
      h = targets[k];
    }
    offsets[i + 1] = used;
    sums[i] = sum;
  }
  return { size: count, tokens: tokens.subarray(0, used), offsets, finished, logProbs: sums };
}

/**
 * Walks sequence `i` from context `start` and calls `visit` with the entry of each of its choices; false where the law cannot
 * produce it.
 */
export function walk(
  rows: TableRows,
  batch: SequenceBatch,
  i: number,
  start: number,
  visit: (entry: number, context: number) => void,
): boolean {
  const { tokens, offsets, finished } = batch;
  let h = start;
  for (let j = offsets[i]; j < offsets[i + 1]; j++) {
    const k = h === -1 ? -1 : findEntry(rows, h, tokens[j]);
    if (k === -1) return false;
    visit(k, h);
    h = rows.targets[k];
  }
  if (finished[i] === 0) return true;
  const k = h === -1 ? -1 : findEntry(rows, h, rows.vocabularySize);
  if (k !== -1) visit(k, h);
  return k !== -1;
}

function logProbOf(rows: TableRows, weights: RowWeights, start: number, maxTokens: number, batch: SequenceBatch) {
  const out = new Float64Array(batch.size);
  const { logProbs } = weights;
  for (let i = 0; i < batch.size; i++) {
    const length = batch.offsets[i + 1] - batch.offsets[i];
    const possible = batch.finished[i] === 1 ? length < maxTokens : length === maxTokens;
    let sum = 0;
    const whole = possible && walk(rows, batch, i, start, (k) => (sum += logProbs[k]));
    out[i] = whole ? sum : -Infinity;
  }
  return out;
}

export interface TableLawParts {
  readonly id: string;
  readonly vocabulary: Vocabulary;
  readonly maxTokens: number;
  readonly rows: TableRows;
  readonly weights: RowWeights;
  readonly start: number;
}

/** The law of rows and their weights, whatever these are at the time; synchronous throughout. */
export function tableLaw({ id, vocabulary, maxTokens, rows, weights, start }: TableLawParts): LanguageModel {
  const table = liveTable(rows, weights, start);
  return {
    id,
    vocabulary,
    maxTokens,
    table,
    capabilities: tableCapabilities(vocabulary.size, maxTokens),
    open: (batch) => openTable(table, batch),
    logProb: (batch) => logProbOf(rows, weights, start, maxTokens, batch),
    sample: (count, chooser) =>
      sampleRows(rows, weights, { start, maxTokens, count }, nextEntry(rows, weights, chooser)),
  };
}
