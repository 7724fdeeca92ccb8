import type { Chooser, LanguageModel, TextBatch } from '@postulate/models';
import { asTexts } from '../bind/index.ts';
import { gatherBytes, gatherFloats, gatherIntegers } from '../numeric/index.ts';

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

export function newParticles(size: number, maxTokens: number, logWeight: number): Particles {
  return {
    size,
    maxTokens,
    tokens: new Int32Array(size * maxTokens),
    lengths: new Int32Array(size),
    ends: new Uint8Array(size),
    logPrior: new Float64Array(size),
    logFactor: new Float64Array(size),
    logTwist: new Float64Array(size),
    logWeight: new Float64Array(size).fill(logWeight),
    eve: rowNumbers(size),
  };
}

/** The system in which row i is what row `ancestors[i]` was, with new weights. */
export function reorderParticles(p: Particles, ancestors: Int32Array, logWeight: Float64Array): Particles {
  const { size, maxTokens } = p;
  const tokens = new Int32Array(size * maxTokens);
  for (let i = 0; i < size; i++) {
    const from = ancestors[i] * maxTokens;
    const end = from + p.lengths[ancestors[i]];
    for (let k = from, to = i * maxTokens; k < end; k++) tokens[to++] = p.tokens[k];
  }
  return {
    size,
    maxTokens,
    tokens,
    lengths: gatherIntegers(p.lengths, ancestors),
    ends: gatherBytes(p.ends, ancestors),
    logPrior: gatherFloats(p.logPrior, ancestors),
    logFactor: gatherFloats(p.logFactor, ancestors),
    logTwist: gatherFloats(p.logTwist, ancestors),
    logWeight,
    eve: gatherIntegers(p.eve, ancestors),
  };
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
