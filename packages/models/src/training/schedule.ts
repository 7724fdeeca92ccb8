/**
 * Learning rate at step 0, 1, …: a linear rise over `warmup` steps to `peak`, then half a cosine down to `floor` times the peak at
 * `steps` (Loshchilov & Hutter 2017).
 */
export function cosineRate(step: number, steps: number, peak: number, warmup: number, floor = 0.05): number {
  if (step < warmup) return (peak * (step + 1)) / warmup;
  const done = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * done)));
}
