/** A mass that misses the wanted one by rounding alone counts as reached. */
const SLACK = 1 - 1e-15;

/** The weight that the `limit` largest of `weights[0 … size)` reach, by a heap of the largest so far. */
function limitingWeight(weights: Float64Array, size: number, limit: number): number {
  const heap = weights.slice(0, limit);
  const sink = (start: number): void => {
    for (let at = start; ;) {
      let least = at;
      for (let below = 2 * at + 1; below <= 2 * at + 2; below++) if (heap[below] < heap[least]) least = below;
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least], heap[at]];
      at = least;
    }
  };
  for (let at = limit >> 1; at >= 0; at--) sink(at);
  for (let i = limit; i < size; i++) {
    if (weights[i] <= heap[0]) continue;
    heap[0] = weights[i];
    sink(0);
  }
  return heap[0];
}

/**
 * The `topK` largest of `weights[0 … size)`, then of those the fewest of the largest that hold `topP` of their mass; equal weights go to
 * the smaller index. Writes their indices to `kept`, largest first, and gives their number. Weights are at least 0, `topK` may be
 * `Infinity`. The whole row is looked at twice, and only what can belong to the answer is sorted.
 */
export function likeliest(weights: Float64Array, size: number, topK: number, topP: number, kept: Int32Array): number {
  const limit = Math.min(topK, size);
  let total = 0;
  for (let i = 0; i < size; i++) total += weights[i];
  // Words below this hold less than 1 − topP of the mass together: the set is full before their turn comes.
  const negligible = limit < size ? 0 : (total * (1 - topP)) / (2 * size);
  const least = limit < size ? limitingWeight(weights, size, limit) : negligible;
  let count = 0;
  for (let i = 0; i < size; i++) if (weights[i] > 0 && weights[i] >= least) kept[count++] = i;
  kept.subarray(0, count).sort((a, b) => weights[b] - weights[a] || a - b);
  count = Math.min(count, limit);
  return topP < 1 ? nucleus(weights, kept, count, limit < size ? undefined : total, topP) : count;
}

function nucleus(weights: Float64Array, kept: Int32Array, count: number, total: number | undefined, topP: number) {
  let all = total ?? 0;
  if (total === undefined) for (let i = 0; i < count; i++) all += weights[kept[i]];
  const wanted = topP * all * SLACK;
  let mass = 0;
  let size = 0;
  while (size < count && mass < wanted) mass += weights[kept[size++]];
  return size;
}
