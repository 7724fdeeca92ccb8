/**
 * Special functions that the gates need. Formulas from the NIST Digital Library of Mathematical Functions; tested
 * against SciPy's values (`oracle/special.py`) to a relative 1e-10, into the far tails.
 */
const TINY = 1e-300;
const EPSILON = 1e-16;
const MAX_TERMS = 100_000;

/** Coefficients B₂ₖ / (2k (2k − 1)) of Stirling's series, DLMF 5.11.1. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/** log Γ(x) for x > 0: Stirling's series (DLMF 5.11.1), reached from small x by the recurrence Γ(x + 1) = x Γ(x). */
export function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 10; y++) shift += Math.log(y);
  const series = STIRLING.reduceRight((sum, c) => sum / (y * y) + c, 0) / y;
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/**
 * A continued fraction b₀ + a₁/(b₁ + a₂/(b₂ + …)) by the modified method of Lentz (Thompson & Barnett 1986).
 */
function continuedFraction(b0: number, a: (k: number) => number, b: (k: number) => number): number {
  let value = b0 === 0 ? TINY : b0;
  let c = value;
  let d = 0;
  for (let k = 1; k <= MAX_TERMS; k++) {
    d = b(k) + a(k) * d;
    c = b(k) + a(k) / c;
    d = 1 / (d === 0 ? TINY : d);
    if (c === 0) c = TINY;
    value *= c * d;
    if (Math.abs(c * d - 1) < EPSILON * 10) break;
  }
  return value;
}

/** P(a, x) for x < a + 1 by its power series, DLMF 8.7.1 and 8.11.4. */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let k = 1; k <= MAX_TERMS && term > sum * EPSILON; k++) sum += term *= x / (a + k);
  return sum * Math.exp(a * Math.log(x) - x - logGamma(a));
}

/** Q(a, x) = Γ(a, x) / Γ(a), the upper regularised incomplete gamma function; a > 0, x ≥ 0. DLMF 8.9.2. */
export function gammaQ(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x < a + 1) return 1 - lowerSeries(a, x);
  const fraction = continuedFraction(
    x + 1 - a,
    (k) => -k * (k - a),
    (k) => x + 2 * k + 1 - a,
  );
  return Math.exp(a * Math.log(x) - x - logGamma(a)) / fraction;
}

/** I_x(a, b) where its continued fraction converges fast: x < (a + 1)/(a + b + 2). DLMF 8.17.22. */
function betaFraction(x: number, a: number, b: number): number {
  const numerator = (k: number) => {
    const m = k >> 1;
    return k % 2 === 0
      ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
      : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
  };
  const logFront = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  return Math.exp(logFront) / (a * continuedFraction(1, numerator, () => 1));
}

/** I_x(a, b), the regularised incomplete beta function; a, b > 0, x in [0, 1]. */
export function betaI(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  return x < (a + 1) / (a + b + 2) ? betaFraction(x, a, b) : 1 - betaFraction(1 - x, b, a);
}

/** P(X > x) for X chi-square with `degrees` degrees of freedom. */
export function chiSquareTail(x: number, degrees: number): number {
  return degrees <= 0 ? (x > 0 ? 0 : 1) : gammaQ(degrees / 2, x / 2);
}

/** P(X > z) for X standard normal. */
export function normalTail(z: number): number {
  const half = gammaQ(0.5, (z * z) / 2) / 2;
  return z >= 0 ? half : 1 - half;
}

/** z with P(X > z) = tail for X standard normal, by bisection; tail in (0, 1). */
export function normalQuantile(tail: number): number {
  let low = -40;
  let high = 40;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (normalTail(middle) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(|T| > t) for Student's T with `degrees` degrees of freedom. */
export function studentTwoSided(t: number, degrees: number): number {
  return betaI(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** P(X ≥ k) for X binomial(n, p). */
export function binomialUpper(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  return k > n ? 0 : betaI(p, k, n - k + 1);
}

/** P(X ≤ k) for X binomial(n, p), without cancellation in the lower tail. */
export function binomialLower(k: number, n: number, p: number): number {
  if (k >= n) return 1;
  return k < 0 ? 0 : betaI(1 - p, n - k, k + 1);
}
