import { nearestName } from '@postulate/graph';

/** ` Did you mean X?` for the nearest candidate within reach of a slip of the fingers, else the empty string. */
export function didYouMean(written: string, candidates: readonly string[]): string {
  const guess = nearestName(written, candidates);
  return guess === undefined ? '' : ` Did you mean ${guess}?`;
}
