/** log Σ exp(xᵢ) over the first `count` entries; `-Infinity` for none or for all `-Infinity`. Nats. */
export function logSumExp(values: ArrayLike<number>, count = values.length): number {
  let max = -Infinity;
  for (let i = 0; i < count; i++) if (values[i] > max) max = values[i];
  if (max === -Infinity || max === Infinity) return max;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.exp(values[i] - max);
  return max + Math.log(sum);
}

/** log(exp(a) + exp(b)). */
export function logAddExp(a: number, b: number): number {
  const max = a > b ? a : b;
  if (max === -Infinity || max === Infinity) return max;
  return max + Math.log1p(Math.exp((a > b ? b : a) - max));
}

/** log of the arithmetic mean of exp(xᵢ). */
export function logMeanExp(values: ArrayLike<number>, count = values.length): number {
  return logSumExp(values, count) - Math.log(count);
}

/** log(1 − exp(x)) for x ≤ 0, accurate at both ends (Mächler 2012). */
export function log1mexp(x: number): number {
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x));
}
