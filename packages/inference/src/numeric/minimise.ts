/** A smooth function: its value at x, its gradient written to the second argument. */
export type Smooth = (x: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
}

/** Pairs of steps and changes of the gradient that are remembered. */
const MEMORY = 10;
/** Share of the decrease that the slope promises which a step has to bring (Armijo). */
const DECREASE = 1e-4;
/** A step that has been halved this often is none. */
const HALVINGS = 40;

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly curvature: number;
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** a + t b. */
const plus = (a: Float64Array, t: number, b: Float64Array): Float64Array => a.map((v, i) => v + t * b[i]);

/**
 * Minimises a convex function from `start` on by the limited-memory quasi-Newton method (L-BFGS, Nocedal 1980; two-loop recursion,
 * halved steps) until a step brings less than `least` or `most` are done.
 */
export function minimiseSmooth(f: Smooth, start: Float64Array, most: number, least: number): Minimum {
  let x = start;
  let gradient = new Float64Array(x.length);
  let value = f(x, gradient);
  const pairs: Pair[] = [];
  for (let iterations = 0; iterations < most; iterations++) {
    const direction = quasiNewton(gradient, pairs);
    const slope = dot(direction, gradient);
    const next = slope < 0 ? search(f, x, value, direction, slope, pairs.length === 0) : undefined;
    if (next === undefined) return { x, value, iterations };
    const [step, change] = [plus(next.x, -1, x), plus(next.gradient, -1, gradient)];
    const curvature = dot(step, change);
    if (curvature > 0) pairs.push({ step, change, curvature });
    if (pairs.length > MEMORY) pairs.shift();
    const gained = value - next.value;
    ({ x, value, gradient } = next);
    if (gained < least) return { x, value, iterations: iterations + 1 };
  }
  return { x, value, iterations: most };
}

/** −H g, H the inverse of the curvature as the pairs have it. */
function quasiNewton(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  let out: Float64Array = gradient.map((g) => -g);
  const along = new Float64Array(pairs.length);
  for (let k = pairs.length - 1; k >= 0; k--) {
    along[k] = dot(pairs[k].step, out) / pairs[k].curvature;
    out = plus(out, -along[k], pairs[k].change);
  }
  if (pairs.length > 0) {
    const { change, curvature } = pairs[pairs.length - 1];
    const scale = curvature / dot(change, change);
    out = out.map((v) => v * scale);
  }
  for (let k = 0; k < pairs.length; k++) {
    out = plus(out, along[k] - dot(pairs[k].change, out) / pairs[k].curvature, pairs[k].step);
  }
  return out;
}

/** The first point along a direction that brings enough, from a step of 1 on or, where nothing is known of the curvature, of length 1. */
function search(f: Smooth, x: Float64Array, value: number, direction: Float64Array, slope: number, first: boolean) {
  let size = first ? Math.min(1, 1 / Math.sqrt(dot(direction, direction))) : 1;
  for (let k = 0; k < HALVINGS; k++, size /= 2) {
    const tried = plus(x, size, direction);
    const gradient = new Float64Array(x.length);
    const found = f(tried, gradient);
    if (found <= value + DECREASE * size * slope) return { x: tried, value: found, gradient };
  }
  return undefined;
}
