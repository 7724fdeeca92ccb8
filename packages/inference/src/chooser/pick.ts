/** The index at which the running sum of the first `count` weights exceeds u · total; it has a positive weight. */
export function pickWeight(weights: Float64Array, count: number, total: number, u: number): number {
  let left = u * total;
  let last = 0;
  for (let i = 0; i < count; i++) {
    const weight = weights[i];
    if (weight === 0) continue;
    last = i;
    left -= weight;
    if (left < 0) break;
  }
  return last;
}
