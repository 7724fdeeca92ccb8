import type { Chooser, LanguageModel, TextBatch } from '@postulate/models';
import { asTexts } from '../bind/index.ts';

/** How a particle stands. */
export const LIVE = 0;
/** Ended by an end of sequence. */
export const ENDED = 1;
/** Stopped at `maxTokens`. */
export const STOPPED = 2;

/** A particle system, row by row. A dead particle has the log weight `-Infinity`. Logs in nats. */
export interface Particles {
  readonly size: number;
  readonly maxTokens: number;
  /** size × maxTokens. */
  readonly tokens: Int32Array;
  readonly lengths: Int32Array;
  readonly ends: Uint8Array;
  readonly logPrior: Float64Array;
  /** Σ log φ of those that are complete. */
  readonly logFactor: Float64Array;
  /** log ψ of the prefix; 0 for the empty one and for complete texts. */
  readonly logTwist: Float64Array;
  /** Unnormalised, such that the sum over the rows divided by the number of particles estimates Z. */
  readonly logWeight: Float64Array;
  /** Row of the first generation that each descends from. */
  readonly eve: Int32Array;
}

/** 0, 1, … size − 1. */
export function rowNumbers(size: number): Int32Array {
  const rows = new Int32Array(size);
  for (let i = 0; i < size; i++) rows[i] = i;
  return rows;
}

/** The arrays of a system, zeroed, in one piece of memory: a short run would else spend its time on getting and giving back many. */
function storage(size: number, maxTokens: number): Particles {
  const words = size * (maxTokens + 2);
  const buffer = new ArrayBuffer(32 * size + 4 * words + size);
  const floats = (k: number): Float64Array => new Float64Array(buffer, 8 * k * size, size);
  const integers = (from: number, length: number): Int32Array => new Int32Array(buffer, 32 * size + 4 * from, length);
  return {
    ...{ size, maxTokens },
    ...{ logPrior: floats(0), logFactor: floats(1), logTwist: floats(2), logWeight: floats(3) },
    tokens: integers(0, size * maxTokens),
    lengths: integers(size * maxTokens, size),
    eve: integers(size * (maxTokens + 1), size),
    ends: new Uint8Array(buffer, 32 * size + 4 * words, size),
  };
}

export function newParticles(size: number, maxTokens: number, logWeight: number): Particles {
  const p = storage(size, maxTokens);
  for (let i = 0; i < size; i++) {
    p.eve[i] = i;
    p.logWeight[i] = logWeight;
  }
  return p;
}

/** The system in which row i is what row `ancestors[i]` was, with new weights. */
export function reorderParticles(p: Particles, ancestors: Int32Array, logWeight: Float64Array): Particles {
  const { size, maxTokens } = p;
  const next = storage(size, maxTokens);
  for (let i = 0; i < size; i++) {
    const a = ancestors[i];
    const from = a * maxTokens;
    const end = from + p.lengths[a];
    for (let k = from, to = i * maxTokens; k < end; k++) next.tokens[to++] = p.tokens[k];
    next.lengths[i] = p.lengths[a];
    next.ends[i] = p.ends[a];
    next.logPrior[i] = p.logPrior[a];
    next.logFactor[i] = p.logFactor[a];
    next.logTwist[i] = p.logTwist[a];
    next.logWeight[i] = logWeight[i];
    next.eve[i] = p.eve[a];
  }
  return next;
}

/** Whether a row can be extended. */
export function isLive(p: Particles, row: number): boolean {
  return p.ends[row] === LIVE && p.logWeight[row] > -Infinity;
}

/** The tokens of one row. */
export function tokensOf(p: Particles, row: number): Int32Array {
  return p.tokens.slice(row * p.maxTokens, row * p.maxTokens + p.lengths[row]);
}

/** Some rows as a batch of texts. */
export function textsOf(p: Particles, rows: ArrayLike<number>, prior: Pick<LanguageModel, 'vocabulary'>): TextBatch {
  const offsets = new Int32Array(rows.length + 1);
  for (let k = 0; k < rows.length; k++) offsets[k + 1] = offsets[k] + p.lengths[rows[k]];
  const tokens = new Int32Array(offsets[rows.length]);
  for (let k = 0; k < rows.length; k++) {
    const from = rows[k] * p.maxTokens;
    for (let i = 0; i < p.lengths[rows[k]]; i++) tokens[offsets[k] + i] = p.tokens[from + i];
  }
  const finished = new Uint8Array(rows.length);
  for (let k = 0; k < rows.length; k++) finished[k] = p.ends[rows[k]] === ENDED ? 1 : 0;
  return asTexts(prior.vocabulary, { size: rows.length, tokens, offsets, finished });
}

/** A stream of chance for each row, made when first asked for. */
export function rowChoosers(chooser: Chooser): (row: number) => Chooser {
  const made: Chooser[] = [];
  return (row) => (made[row] ??= chooser.split(row));
}
