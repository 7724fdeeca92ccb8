/**
 * Anytime-valid bounds on a mean by betting (Waudby-Smith & Ramdas 2024, "Estimating means of bounded random variables by
 * betting"). Draws come with weights ω in [0, 1], 1 for draws of the distribution itself, and the mean is E[ω v] / E[ω]:
 * whoever bets that it is above c multiplies a stake by 1 + λ ω (v − c), which stays ≥ 0 and on average does not grow if the
 * mean is at most c. By Ville's inequality the stake ever reaches 1/α with probability at most α, so c can be ruled out then.
 */
export interface Weighted {
  readonly values: Float64Array;
  /** Absent where every weight is 1. */
  readonly weights?: Float64Array | undefined;
  readonly size: number;
}

/** Draws that only tell the spread, so that later bets are of a sensible size; they are not bet on. */
export const WARM_UP = 256;

/** Largest share of the stake that is bet. */
const MOST = 0.95;

/** Bets as multiples of the one that is best at the end of the budget, and how the first stake is spread over them. */
const BETS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16];
const SHARES = [0.04, 0.06, 0.1, 0.5, 0.12, 0.08, 0.05, 0.05];

function spread({ values, weights }: Weighted, warmUp: number): number {
  let [sum, squares, total] = [0, 0, 0];
  for (let i = 0; i < warmUp; i++) {
    const w = weights?.[i] ?? 1;
    sum += w * values[i];
    total += w;
  }
  const mean = total > 0 ? sum / total : 0;
  for (let i = 0; i < warmUp; i++) squares += ((weights?.[i] ?? 1) * (values[i] - mean)) ** 2;
  return Math.sqrt(squares / Math.max(1, warmUp));
}

/** Values that occur over and over are bet on together. */
interface Tally {
  readonly values: Float64Array;
  readonly weights: Float64Array;
  readonly counts: Float64Array;
}

function tally({ values, weights, size }: Weighted, from: number): Tally {
  const counts = new Map<number, Map<number, number>>();
  let kinds = 0;
  for (let i = from; i < size; i++) {
    const w = weights?.[i] ?? 1;
    if (w === 0) continue;
    let own = counts.get(w);
    if (own === undefined) counts.set(w, (own = new Map()));
    const seen = own.get(values[i]);
    if (seen === undefined) kinds++;
    own.set(values[i], (seen ?? 0) + 1);
  }
  const t = { values: new Float64Array(kinds), weights: new Float64Array(kinds), counts: new Float64Array(kinds) };
  let k = 0;
  for (const [w, own] of counts)
    for (const [v, n] of own) {
      t.values[k] = v;
      t.weights[k] = w;
      t.counts[k++] = n;
    }
  return t;
}

/** log of the stake after betting that the mean is above `c`, where no value is below `low`. */
function logStake(t: Tally, c: number, low: number, best: number): number {
  let most = -Infinity;
  const logs = BETS.map((multiple, j) => {
    const lambda = Math.min(MOST / (c - low), multiple * best);
    let sum = Math.log(SHARES[j]);
    for (let i = 0; i < t.counts.length; i++)
      sum += t.counts[i] * Math.log1p(lambda * t.weights[i] * (t.values[i] - c));
    most = Math.max(most, sum);
    return sum;
  });
  return most + Math.log(logs.reduce((s, l) => s + Math.exp(l - most), 0));
}

/**
 * A lower bound of the mean of values ≥ `low`, wrong at any look with probability at most `alpha`; `low` while there is
 * nothing to say. `known` is a bound from an earlier look, `horizon` how many draws the bets are made for.
 */
function lowerBound(data: Weighted, low: number, high: number, known: number, alpha: number, horizon: number): number {
  if (data.size <= WARM_UP) return known;
  const t = tally(data, WARM_UP);
  const sigma = Math.max(spread(data, WARM_UP), (high - low) / WARM_UP);
  const best = Math.sqrt((2 * Math.log(1 / alpha)) / horizon) / sigma;
  const out = (c: number): boolean => logStake(t, c, low, best) >= -Math.log(alpha);
  let [a, b] = [known, high];
  const first = a + 1e-9 * (b - a);
  if (!(first > low) || !out(first)) return known;
  // The stake falls as c rises, so the bound is where it crosses.
  for (let k = 0; k < 40 && b - a > 1e-9 * (high - low); k++) {
    const c = (a + b) / 2;
    if (out(c)) a = c;
    else b = c;
  }
  return a;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * A confidence sequence for the mean of values in `range`: at all looks together it misses the mean with probability at
 * most `alpha`. Looks must be at growing prefixes of one stream, `known` being the interval of the look before.
 */
export function bettingInterval(
  data: Weighted,
  range: Interval,
  known: Interval,
  alpha: number,
  horizon: number,
): Interval {
  const mirrored = { ...data, values: data.values.map((v) => -v) };
  const low = lowerBound(data, range.low, range.high, known.low, alpha / 2, horizon);
  const high = -lowerBound(mirrored, -range.high, -range.low, -known.high, alpha / 2, horizon);
  return { low, high };
}
