/** First index whose running sum exceeds `u`, so that what it adds is positive; the last one at the latest. */
export function firstAbove(sums: Float64Array, u: number): number {
  let lo = 0;
  let hi = sums.length - 1;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (sums[middle] > u) hi = middle;
    else lo = middle + 1;
  }
  return lo;
}
