/** Batches of the first chunks, chunks of one size, and how often the size doubles. */
const FIRST = 4;
const ALIKE = 4;
const DOUBLINGS = 3;

/**
 * Batches that come before chunk `index`. What a chunk learns about dead prefixes is of use to that chunk alone, so
 * where they are left out chunks are of several batches and grow: learning anew then costs a small share of a long run,
 * and its chunks are still many enough to be shared out. Elsewhere a chunk is one batch.
 */
export function batchesBefore(index: number, learning: boolean): number {
  if (!learning) return index;
  const level = Math.min(Math.floor(index / ALIKE), DOUBLINGS);
  return FIRST * (ALIKE * (2 ** level - 1) + (index - ALIKE * level) * 2 ** level);
}
