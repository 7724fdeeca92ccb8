import type { PastChange, SteeredSession } from '@postulate/models';

export interface PushOptions {
  readonly iterations: number;
  readonly stepSize: number;
  readonly gamma: number;
  readonly window: number;
  readonly decay: boolean;
  /** Keep the largest norm of each layer's gradient so far, and divide by that. */
  readonly keepLargest: boolean;
}

/** Smallest norm that a gradient is divided by. */
const SMALLEST = 1e-15;

/** How much each position of the past is changed: the most recent `window` of them, growing towards the last with `decay`. */
export function windowMask(positions: number, window: number, decay: boolean): Float64Array {
  const size = window === 0 ? positions : Math.min(window, positions);
  return Float64Array.from({ length: positions }, (_, i) => {
    const place = i - (positions - size);
    if (place < 0) return 0;
    return decay ? (place + 1) / size : 1;
  });
}

export function noChange({ past }: SteeredSession, rows: number): Float32Array[] {
  const { layers, heads, positions, size } = past;
  return Array.from({ length: 2 * layers }, () => new Float32Array(rows * heads * positions * size));
}

/**
 * Steps down the gradient of a session's loss from no change on (`algorithms.md` 6.4): a layer's keys and values move by
 * stepSize · mask · g / ‖mask · g‖^gamma, each row by its own norm. `largest` holds the norms so far, rows × layers; it is changed.
 */
export async function pushedChange(
  session: SteeredSession,
  rows: number,
  options: PushOptions,
  largest: Float64Array,
): Promise<PastChange> {
  const change = noChange(session, rows);
  const { layers, heads, positions, size } = session.past;
  if (positions === 0) return change;
  const mask = windowMask(positions, options.window, options.decay);
  const weights = Float64Array.from(
    { length: heads * positions * size },
    (_, i) => mask[Math.floor(i / size) % positions],
  );
  for (let step = 0; step < options.iterations; step++) {
    const { slopes } = await session.slopes(change);
    for (let layer = 0; layer < layers; layer++) {
      for (let row = 0; row < rows; row++) {
        const parts = [2 * layer, 2 * layer + 1].map((k) => ({ from: slopes[k], to: change[k] }));
        push(parts, row, weights, options, largest, row * layers + layer);
      }
    }
  }
  return change;
}

interface Part {
  readonly from: Float32Array;
  readonly to: Float32Array;
}

function push(
  parts: readonly Part[],
  row: number,
  weights: Float64Array,
  o: PushOptions,
  largest: Float64Array,
  at: number,
): void {
  const start = row * weights.length;
  let square = 0;
  for (const { from } of parts) for (let i = 0; i < weights.length; i++) square += (weights[i] * from[start + i]) ** 2;
  const norm = Math.sqrt(square);
  largest[at] = o.keepLargest ? Math.max(largest[at], norm) : norm;
  const scale = o.stepSize / Math.max(largest[at], SMALLEST) ** o.gamma;
  if (norm === 0 || !Number.isFinite(scale)) return;
  for (const { from, to } of parts) {
    for (let i = 0; i < weights.length; i++) to[start + i] -= scale * weights[i] * from[start + i];
  }
}
