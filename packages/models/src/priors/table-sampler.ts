import { fail } from '@postulate/graph';
import type { BackoffTable } from '../port/index.ts';
import { denseRaw, findEntry, rawWeight } from './table-lookup.ts';

/** Draws the next word after `context` from uniform numbers; the end of sequence is `vocabularySize`. */
export type WordSampler = (context: number, uniform: () => number) => number;

/** Cells up to which every visited context keeps its cumulative row over the whole vocabulary. */
const DENSE_CELLS = 4_000_000;
/** Rows kept at a time where a context of a large table needs the whole vocabulary. */
const KEPT_ROWS = 64;
/** Below this chance of acceptance a word outside the row is drawn from a full row instead of by rejection. */
const LEAST_ACCEPTANCE = 0.01;

/** First index of `cumulative[from … to)` whose value exceeds `u`; `to − 1` at the latest. */
export function upperIndex(cumulative: Float64Array, from: number, to: number, u: number): number {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle] > u) high = middle;
    else low = middle + 1;
  }
  return low;
}

function noToken(): Error {
  return fail(
    'P303',
    'the prior reached a context in which every token has probability zero; its rows must sum to one.',
  );
}

/** Cumulative raw weights of all words, cut after the last word of positive weight. */
export function cumulativeRow(table: BackoffTable, context: number): Float64Array {
  const row = new Float64Array(table.vocabularySize + 1);
  denseRaw(table, context, row);
  let sum = 0;
  let last = -1;
  for (let i = 0; i < row.length; i++) {
    if (row[i] > 0) last = i;
    row[i] = sum += row[i];
  }
  if (last === -1) throw noToken();
  return row.subarray(0, last + 1);
}

function drawFrom(row: Float64Array, u: number): number {
  return upperIndex(row, 0, row.length, u * row[row.length - 1]);
}

/** Cumulative rows over the whole vocabulary, one per visited context. */
export function denseSampler(table: BackoffTable): WordSampler {
  const rows: (Float64Array | undefined)[] = new Array<Float64Array | undefined>(table.contexts);
  return (context, uniform) => drawFrom((rows[context] ??= cumulativeRow(table, context)), uniform());
}

/** A few full rows, the oldest dropped first. */
function rowCache(table: BackoffTable): (context: number) => Float64Array {
  const rows = new Map<number, Float64Array>();
  return (context) => {
    const known = rows.get(context);
    if (known !== undefined) return known;
    const row = cumulativeRow(table, context);
    if (rows.size >= KEPT_ROWS) rows.delete(rows.keys().next().value as number);
    rows.set(context, row);
    return row;
  };
}

/**
 * Samples a large table without touching the vocabulary. Where raw(w | h) ≥ bo(h) · raw(w | h′) for the stored words, the
 * law of a row is a mixture: with weight bo(h) · N(h′) the law of h′, else the excess of the stored words. Elsewhere it
 * is the stored words, or with the weight that is left a word of h′ that is not stored, by rejection.
 */
class StructuredSampler {
  /** Per entry: cumulative excess (or raw weight) within its row, filled when the row is first visited. */
  private readonly cumulative: Float64Array;
  private readonly kind: Uint8Array;
  private readonly sums: Float64Array | undefined;
  private readonly fullRow: (context: number) => Float64Array;
  private readonly table: BackoffTable;

  constructor(table: BackoffTable) {
    this.table = table;
    this.cumulative = new Float64Array(table.words.length);
    this.kind = new Uint8Array(table.contexts);
    this.sums = table.norm;
    this.fullRow = rowCache(table);
  }

  draw(context: number, uniform: () => number): number {
    let h = context;
    for (;;) {
      const kind = this.kind[h] !== 0 ? this.kind[h] : this.prepare(h);
      if (kind === FULL) return drawFrom(this.fullRow(h), uniform());
      const from = this.table.rowStart[h];
      const to = this.table.rowStart[h + 1];
      const stored = to > from ? this.cumulative[to - 1] : 0;
      const u = uniform() * (kind === OWN ? stored : this.sumOf(h));
      if (u < stored) return this.table.words[upperIndex(this.cumulative, from, to, u)];
      if (kind === OWN) throw noToken();
      if (kind === REJECT) return this.drawOutside(h, uniform);
      h = this.table.parent[h];
    }
  }

  private sumOf(h: number): number {
    return this.sums === undefined ? 1 : this.sums[h];
  }

  private drawOutside(h: number, uniform: () => number): number {
    for (;;) {
      const word = this.draw(this.table.parent[h], uniform);
      if (findEntry(this.table, h, word) === -1) return word;
    }
  }

  private prepare(h: number): number {
    const { table, cumulative } = this;
    const from = table.rowStart[h];
    const to = table.rowStart[h + 1];
    const up = table.backoff[h] === 0 ? -1 : table.parent[h];
    let own = 0;
    let excess = 0;
    let mixture = true;
    for (let k = from; k < to; k++) {
      const behind = up === -1 ? 0 : table.backoff[h] * rawWeight(table, up, table.words[k]);
      if (table.probs[k] < behind * (1 - 1e-12)) mixture = false;
      own += table.probs[k];
      excess += Math.max(0, table.probs[k] - behind);
      cumulative[k] = excess;
    }
    if (up === -1) return (this.kind[h] = OWN);
    if (mixture) return (this.kind[h] = MIXTURE);
    for (let k = from, sum = 0; k < to; k++) cumulative[k] = sum += table.probs[k];
    const acceptance = (this.sumOf(h) - own) / (table.backoff[h] * this.sumOf(up));
    return (this.kind[h] = acceptance >= LEAST_ACCEPTANCE ? REJECT : FULL);
  }
}

/** How a row is drawn from: its stored words alone, the mixture, stored words or rejection, all words. */
const OWN = 1;
const MIXTURE = 2;
const REJECT = 3;
const FULL = 4;

/** What a row needs is worked out on its first visit. */
export function structuredSampler(table: BackoffTable): WordSampler {
  const sampler = new StructuredSampler(table);
  return (context, uniform) => sampler.draw(context, uniform);
}

/** An exact sampler of the table's next-token laws. */
export function wordSampler(table: BackoffTable): WordSampler {
  const small = table.contexts * (table.vocabularySize + 1) <= DENSE_CELLS;
  return small ? denseSampler(table) : structuredSampler(table);
}
