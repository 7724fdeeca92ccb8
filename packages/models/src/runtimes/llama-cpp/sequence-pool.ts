import type { LlamaContext, LlamaContextSequence, Token } from 'node-llama-cpp';
import { slots } from '../slots.ts';

/** Tokens of a sequence, and the place where its keys and values may be. */
export interface Row {
  readonly read: readonly Token[];
  /** Where they were kept last; another row may have taken the place since. */
  place: Place | undefined;
}

/** One sequence of llama.cpp's cache. */
export interface Place {
  readonly sequence: LlamaContextSequence;
  used: number;
}

/** Copies the cache of one sequence to another: there, but not for the public. */
interface Forking {
  _copyStateFromOtherSequence?(other: LlamaContextSequence, upTo: number): Promise<boolean>;
}

function common(a: readonly Token[], b: readonly Token[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}

/**
 * The sequences of a context, lent to rows. What a sequence has read is only a cache: a row whose place was taken reads again what it
 * has read, from whatever sequence has most of it.
 */
export class SequencePool {
  readonly #places: readonly Place[];
  #clock = 0;
  /** Runs one task after the other. */
  readonly alone = slots(1);

  constructor(context: LlamaContext) {
    this.#places = Array.from({ length: context.totalSequences }, () => ({ sequence: context.getSequence(), used: 0 }));
  }

  get size(): number {
    return this.#places.length;
  }

  /** Gives each row (at most `size`) a place of its own, whose sequence has read a part of what the row has; the longer the better. */
  async settle(rows: readonly Row[]): Promise<readonly Place[]> {
    const now = ++this.#clock;
    const taken = new Map<Row, Place>();
    for (const row of rows) {
      const { place } = row;
      // A row whose own place still holds it, and nobody else's, stays.
      if (place === undefined || place.used === now || !this.#holds(place, row)) continue;
      place.used = now;
      taken.set(row, place);
    }
    const free = this.#places.filter((p) => p.used !== now).sort((a, b) => a.used - b.used);
    for (const row of rows) {
      if (taken.has(row)) continue;
      const place = free.shift() as Place;
      await this.#bring(place, row);
      place.used = now;
      taken.set(row, place);
    }
    for (const row of rows) row.place = taken.get(row);
    return rows.map((row) => taken.get(row) as Place);
  }

  #holds({ sequence }: Place, { read }: Row): boolean {
    return common(sequence.contextTokens, read) === read.length && sequence.nextTokenIndex === read.length;
  }

  /** Makes a sequence a beginning of what a row has read, by a copy of the cache where another sequence has more of it. */
  async #bring(place: Place, row: Row): Promise<void> {
    const own = common(place.sequence.contextTokens, row.read);
    const near = row.place?.sequence;
    const there = near === undefined ? 0 : common(near.contextTokens, row.read);
    const fork = place.sequence as unknown as Forking;
    if (
      near !== undefined &&
      near !== place.sequence &&
      there > own &&
      fork._copyStateFromOtherSequence !== undefined
    ) {
      if (await fork._copyStateFromOtherSequence(near, there)) return;
    }
    await place.sequence.adaptStateToTokens([...row.read], false);
  }
}
