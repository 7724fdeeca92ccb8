export const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;

export const rootMeanSquare = (xs: readonly number[]): number => Math.sqrt(mean(xs.map((x) => x * x)));

export function median(xs: readonly number[]): number {
  const sorted = [...xs].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Seconds that `f` takes, and what it returned. */
export async function timed<T>(f: () => T | Promise<T>): Promise<readonly [seconds: number, value: T]> {
  const start = performance.now();
  const value = await f();
  return [(performance.now() - start) / 1000, value];
}
