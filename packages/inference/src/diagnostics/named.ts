import type { TextBatch } from '@postulate/models';
import { all, type Maybe } from '../bind/maybe.ts';
import { RunningMoments } from '../numeric/index.ts';
import type { BoundFunction, Estimate } from '../port/index.ts';

/** Values of every named function on a batch, in the order of `named`. */
export function namedValues(named: readonly BoundFunction[], batch: TextBatch): Maybe<readonly Float64Array[]> {
  return all(
    named.map((f) => f.values(batch)),
    (values) => values,
  );
}

/**
 * Standard error of a share: half of Wilson's interval at one standard deviation, which unlike √(p(1 − p)/n) does not
 * claim certainty for an event that was seen always or never.
 */
export function shareStandardError(p: number, n: number): number {
  return Math.sqrt((p * (1 - p)) / n + 1 / (4 * n * n)) / (1 + 1 / n);
}

/** Mean of a named function over independent draws. */
export function meanEstimate(f: BoundFunction, moments: RunningMoments): Estimate | null {
  if (moments.count === 0) return null;
  const standardError = f.kind === 'event' ? shareStandardError(moments.mean, moments.count) : moments.standardError;
  return { value: moments.mean, standardError };
}
