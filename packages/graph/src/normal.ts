/** Density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/** Upper tail of the standard normal for x ≥ 0: a series near 0, Lentz's continued fraction beyond. */
function upperTail(x: number): number {
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * sum && n < 200; n++) {
      term *= (x * x) / (2 * n + 1);
      sum += term;
    }
    return 0.5 - sum * normalDensity(x);
  }
  return normalDensity(x) / millsDivisor(x);
}

/** x + 1/(x + 2/(x + 3/(x + …))) for x ≥ 2.5, by which the density is divided to give the upper tail (Laplace 1805). */
function millsDivisor(x: number): number {
  let fraction = 0;
  for (let n = 160; n > 0; n--) fraction = n / (x + fraction);
  return x + fraction;
}

/** log Φ(x), nats, also where Φ(x) is too small for a double. */
export function logNormalCdf(x: number): number {
  if (x >= 0) return Math.log1p(-upperTail(x));
  if (x > -2.5) return Math.log(upperTail(-x));
  return -0.5 * x * x - 0.5 * Math.log(2 * Math.PI) - Math.log(millsDivisor(-x));
}

/** Φ(x), absolute error below 1e-15 and relative error below 1e-12 in the lower tail. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  return x >= 0 ? 1 - upperTail(x) : upperTail(-x);
}

/** Φ⁻¹(p): a rational start (Abramowitz & Stegun 26.2.23), then Halley's steps on Φ until they stop moving. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  let x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let i = 0; i < 6; i++) {
    const error = (upperTail(-x) - p) / normalDensity(x);
    if (!Number.isFinite(error)) break;
    const step = error / (1 + (x * error) / 2);
    x -= step;
    if (Math.abs(step) < 1e-15 * (1 + Math.abs(x))) break;
  }
  return x;
}
