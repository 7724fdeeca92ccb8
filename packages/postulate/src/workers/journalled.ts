import type { Chunk, Work } from '@postulate/inference';
import type { Journal } from '../api/types.ts';

/** Chunks of one member of a family that are there already, and a place for those that are finished. */
export interface Kept {
  has(index: number): boolean;
  find(chunk: Chunk): { readonly result: unknown } | undefined;
  keep(index: number, input: unknown, result: unknown): void;
}

/** The part of a journal that belongs to one member. What a stop may have cut short is not kept. */
export function keptOf(journal: Journal, member: number, signal: AbortSignal): Kept {
  return {
    has: (index) => journal.has(member, index),
    find: ({ index, input }) => journal.find(member, index, input),
    keep: (index, input, result) => {
      if (!signal.aborted) journal.keep(member, index, input, result);
    },
  };
}

/** Takes chunks from what is kept, has the others done, and keeps them. */
export function journalled(kept: Kept, work: Work | undefined): Work {
  return (chunk) => {
    const known = kept.find(chunk);
    if (known !== undefined) return known.result;
    const keep = (result: unknown): unknown => {
      kept.keep(chunk.index, chunk.input, result);
      return result;
    };
    const result = work === undefined ? chunk.here() : work(chunk);
    return result instanceof Promise ? result.then(keep) : keep(result);
  };
}
