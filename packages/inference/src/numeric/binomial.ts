export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/** Wilson's score interval for a proportion: `successes` of `trials`, at `z` standard deviations (Wilson 1927). */
export function wilsonInterval(successes: number, trials: number, z = 1.959963984540054): Interval {
  if (trials === 0) return { lo: 0, hi: 1 };
  const p = successes / trials;
  const z2 = (z * z) / trials;
  const centre = (p + z2 / 2) / (1 + z2);
  const half = (z / (1 + z2)) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials));
  return { lo: Math.max(0, centre - half), hi: Math.min(1, centre + half) };
}

/** P(X ≤ k) for X ~ Binomial(n, p), summed in logs. */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  let logTerm = n * Math.log1p(-p);
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}
