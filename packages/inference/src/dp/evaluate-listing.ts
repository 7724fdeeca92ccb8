import type { TextBatch } from '@postulate/models';
import type { BoundFunction, Factor, Progress } from '../port/index.ts';
import type { Listing } from './listing.ts';
import type { Problem } from './problem.ts';
import { withTexts } from './texts.ts';

/** Something to evaluate on every sequence of a listing. */
export type Evaluation = (batch: TextBatch) => Float64Array | Promise<Float64Array>;

export const weightOf =
  (f: Factor): Evaluation =>
  (batch) =>
    f.logWeights(batch);
export const valueOf =
  (f: BoundFunction): Evaluation =>
  (batch) =>
    f.values(batch);

/** Sequences evaluated at a time. */
const CHUNK = 1 << 15;

/** One array per function, in chunks so that progress can be shown and the run stopped. */
export async function* evaluateListing(
  problem: Problem,
  listing: Listing,
  functions: readonly Evaluation[],
): AsyncGenerator<Progress, readonly Float64Array[]> {
  const results = functions.map(() => new Float64Array(listing.size));
  if (functions.length === 0) return results;
  for (let from = 0; from < listing.size; from += CHUNK) {
    const to = Math.min(listing.size, from + CHUNK);
    const batch = withTexts(problem.prior.vocabulary, {
      size: to - from,
      tokens: listing.tokens.subarray(listing.offsets[from], listing.offsets[to]),
      offsets: listing.offsets.slice(from, to + 1).map((o) => o - listing.offsets[from]),
      finished: listing.finished.subarray(from, to),
    });
    for (const [i, f] of functions.entries()) results[i].set(await f(batch), from);
    yield { phase: 'listing the support', draws: 0, wanted: 0, modelCalls: to };
  }
  return results;
}

/** Adds up arrays of logs. */
export function addLogs(size: number, arrays: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(size);
  for (const a of arrays) for (let i = 0; i < size; i++) sum[i] += a[i];
  return sum;
}
