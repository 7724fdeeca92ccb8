/** Most batches of a chunk, as a power of two. */
const LARGEST = 6;

/**
 * Batches that come before chunk `index`. What a chunk learns about dead prefixes is of use to that chunk alone, so
 * where they are left out chunks double: learning anew costs a share of the run, whatever its length. Elsewhere a chunk
 * is one batch.
 */
export function batchesBefore(index: number, learning: boolean): number {
  if (!learning) return index;
  const doublings = Math.min(index, LARGEST);
  return 2 ** doublings - 1 + (index - doublings) * 2 ** LARGEST;
}
