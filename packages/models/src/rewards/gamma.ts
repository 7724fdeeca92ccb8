/** Where Stirling's series takes over; below it the recursion climbs. */
const HIGH = 10;

/** log Γ(x) for x > 0, by Stirling's series (Abramowitz & Stegun 6.1.41) after climbing to 10: relative error near 1e-15. */
export function logGamma(x: number): number {
  let product = 1;
  while (x < HIGH) product *= x++;
  return stirling(x) - Math.log(product);
}

function stirling(x: number): number {
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + stirlingRest(x);
}

function stirlingRest(x: number): number {
  const r = 1 / (x * x);
  return (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - (r * 691) / 360360))))) / x;
}

/** ψ(x) = d log Γ(x) / dx for x > 0 (Abramowitz & Stegun 6.3.18). */
export function digamma(x: number): number {
  let sum = 0;
  while (x < HIGH) sum -= 1 / x++;
  const r = 1 / (x * x);
  const series = r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r * (1 / 132 - (r * 691) / 32760)))));
  return sum + Math.log(x) - 0.5 / x - series;
}

/** Up to this many terms a rise is added up term by term. */
const TERMS = 64;

/**
 * log Γ(a + n) − log Γ(a) = Σ log(a + i) over i < n. The difference of two log Γ would lose every digit where a is far larger than n,
 * so that few terms are added up and many go through the series of the difference.
 */
export function logRise(a: number, n: number): number {
  let sum = 0;
  const few = Math.min(n, a < HIGH ? Math.max(TERMS, HIGH) : TERMS);
  for (let i = 0; i < few; i++) sum += Math.log(a + i);
  if (few === n) return sum;
  const from = a + few;
  const m = n - few;
  // (x + m − ½) log(x + m) − (x − ½) log x − m, without its two large parts.
  return sum + (from - 0.5) * Math.log1p(m / from) + m * (Math.log(from + m) - 1) + stirlingRest(from + m) - stirlingRest(from); // prettier-ignore
}

/** Derivative of `logRise` by a: Σ 1/(a + i) over i < n. */
export function rise(a: number, n: number): number {
  if (n > TERMS) return digamma(a + n) - digamma(a);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += 1 / (a + i);
  return sum;
}

/** log of the binomial coefficient n over k. */
export function logChoose(n: number, k: number): number {
  const few = Math.min(k, n - k);
  return logRise(n - few + 1, few) - logRise(1, few);
}
