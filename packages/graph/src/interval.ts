import type { Range } from './range.ts';

/**
 * Interval arithmetic on extended reals (Moore 1966) with open and closed ends. No operation yields NaN:
 * `∞ − ∞` widens to the whole line, and 0 · ∞ counts as 0 because an infinite end stands for values that are
 * arbitrarily large, not for infinity itself.
 */

interface End {
  readonly value: number;
  readonly open: boolean;
}

export function range(lo: number, hi: number, loOpen = !Number.isFinite(lo), hiOpen = !Number.isFinite(hi)): Range {
  return { lo, hi, loOpen, hiOpen };
}

export function point(x: number): Range {
  return { lo: x, hi: x, loOpen: false, hiOpen: false };
}

export const REALS: Range = range(-Infinity, Infinity);
export const NON_NEGATIVE: Range = range(0, Infinity);
export const POSITIVE: Range = range(0, Infinity, true, true);
export const UNIT: Range = range(0, 1);

/** The smallest range that holds all ends; on a tie the closed one wins. */
function hull(ends: readonly End[]): Range {
  let lo = ends[0];
  let hi = ends[0];
  for (const e of ends) {
    if (e.value < lo.value || (e.value === lo.value && !e.open)) lo = e;
    if (e.value > hi.value || (e.value === hi.value && !e.open)) hi = e;
  }
  // Finite ends whose result overflows: the true value is finite, so the interval must reach below infinity.
  const atMost = lo.value === Infinity ? Number.MAX_VALUE : lo.value;
  const atLeast = hi.value === -Infinity ? -Number.MAX_VALUE : hi.value;
  return { lo: atMost, hi: atLeast, loOpen: lo.open, hiOpen: hi.open };
}

const low = (r: Range): End => ({ value: r.lo, open: r.loOpen });
const high = (r: Range): End => ({ value: r.hi, open: r.hiOpen });

export function contains(r: Range, x: number): boolean {
  return (x > r.lo || (x === r.lo && !r.loOpen)) && (x < r.hi || (x === r.hi && !r.hiOpen));
}

export function containsRange(outer: Range, inner: Range): boolean {
  const lo = inner.lo > outer.lo || (inner.lo === outer.lo && (inner.loOpen || !outer.loOpen));
  const hi = inner.hi < outer.hi || (inner.hi === outer.hi && (inner.hiOpen || !outer.hiOpen));
  return lo && hi;
}

export function isEmpty(r: Range): boolean {
  return !(r.lo < r.hi || (r.lo === r.hi && !r.loOpen && !r.hiOpen));
}

export const isPoint = (r: Range): boolean => r.lo === r.hi;
export const isNonNegative = (r: Range): boolean => r.lo >= 0;
export const isNonPositive = (r: Range): boolean => r.hi <= 0;

/** Greater than zero everywhere. */
export const isPositive = (r: Range): boolean => r.lo > 0 || (r.lo === 0 && r.loOpen);

export function unionRange(a: Range, b: Range): Range {
  return hull([low(a), high(a), low(b), high(b)]);
}

export function negateRange(r: Range): Range {
  return { lo: -r.hi + 0, hi: -r.lo + 0, loOpen: r.hiOpen, hiOpen: r.loOpen };
}

export function addRange(a: Range, b: Range): Range {
  const lo = a.lo + b.lo;
  const hi = a.hi + b.hi;
  return {
    lo: Number.isNaN(lo) ? -Infinity : lo,
    hi: Number.isNaN(hi) ? Infinity : hi,
    loOpen: Number.isNaN(lo) || a.loOpen || b.loOpen,
    hiOpen: Number.isNaN(hi) || a.hiOpen || b.hiOpen,
  };
}

export function subtractRange(a: Range, b: Range): Range {
  return addRange(a, negateRange(b));
}

function multiplyEnds(a: End, b: End): End {
  if (a.value === 0 || b.value === 0) {
    const attained = (a.value === 0 && !a.open) || (b.value === 0 && !b.open);
    return { value: 0, open: !attained };
  }
  return { value: a.value * b.value, open: a.open || b.open };
}

export function multiplyRange(a: Range, b: Range): Range {
  const [p, q, r, s] = [low(a), high(a), low(b), high(b)];
  return hull([multiplyEnds(p, r), multiplyEnds(p, s), multiplyEnds(q, r), multiplyEnds(q, s)]);
}

/** a / b for two ends; an end of 0 in the divisor is open and approached from `side`. */
function divideEnds(a: End, b: End, side: number): End {
  if (a.value === 0) return { value: 0, open: a.open };
  if (b.value === 0) return { value: Math.sign(a.value) * side * Infinity, open: true };
  const value = a.value / b.value;
  // ∞ / ∞ can come to anything; the other ends say how much, and 0 is its limit on one side.
  return Number.isNaN(value) ? { value: 0, open: true } : { value: value + 0, open: a.open || b.open };
}

/** Undefined where the divisor can be 0; 0 as an open end is fine. */
export function divideRange(a: Range, b: Range): Range | undefined {
  if (contains(b, 0)) return undefined;
  if (b.lo < 0 && b.hi > 0) return REALS;
  const side = b.lo >= 0 ? 1 : -1;
  const [p, q, r, s] = [low(a), high(a), low(b), high(b)];
  const ends = [divideEnds(p, r, side), divideEnds(p, s, side), divideEnds(q, r, side), divideEnds(q, s, side)];
  return hull(contains(a, 0) ? [...ends, { value: 0, open: false }] : ends);
}

/** b ^ e for two ends; 1 ^ ∞ is 1, the limit that an interval end stands for. */
function powerEnds(b: End, e: End): End {
  const value = b.value === 1 ? 1 : Math.pow(b.value, e.value);
  return { value, open: b.open || (e.open && b.value !== 1) };
}

function integerPower(base: Range, k: number): Range | undefined {
  if (k < 0) {
    const positive = integerPower(base, -k);
    return positive && divideRange(point(1), positive);
  }
  const ends = [low(base), high(base)].map((e) => ({ value: Math.pow(e.value, k) + 0, open: e.open && k !== 0 }));
  return k % 2 === 0 && k > 0 && contains(base, 0) ? hull([...ends, { value: 0, open: false }]) : hull(ends);
}

/** Undefined outside the domain: a base that can be negative needs a constant integer exponent, 0 no negative one. */
export function powerRange(base: Range, exponent: Range): Range | undefined {
  if (isPoint(exponent) && Number.isInteger(exponent.lo)) return integerPower(base, exponent.lo);
  if (!isNonNegative(base)) return undefined;
  if (exponent.lo < 0 && contains(base, 0)) return undefined;
  const ends = [low(base), high(base)].flatMap((b) => [powerEnds(b, low(exponent)), powerEnds(b, high(exponent))]);
  return hull(contains(base, 1) ? [...ends, { value: 1, open: false }] : ends);
}

/** The nearest double inside an open limit of a function. */
function inside(limit: number, side: 1 | -1): number {
  if (!Number.isFinite(limit)) return -side * Number.MAX_VALUE;
  return limit === 0 ? -side * Number.MIN_VALUE : limit - side * Math.abs(limit) * 2 ** -53;
}

/** Applies an increasing function end by end. Where rounding reaches its limits, the true value is still inside them. */
function increasing(r: Range, f: (x: number) => number): Range {
  const [bottom, top] = [f(-Infinity) + 0, f(Infinity) + 0];
  const [lo, hi] = [f(r.lo) + 0, f(r.hi) + 0];
  const rounded = { lo: Number.isFinite(r.lo) && lo === bottom, hi: Number.isFinite(r.hi) && hi === top };
  return {
    lo: Number.isFinite(r.lo) && lo === top ? inside(top, 1) : lo,
    hi: Number.isFinite(r.hi) && hi === bottom ? inside(bottom, -1) : hi,
    loOpen: r.loOpen || rounded.lo,
    hiOpen: r.hiOpen || rounded.hi,
  };
}

export function expRange(r: Range): Range {
  return increasing(r, Math.exp);
}

/** Undefined where the argument can be negative; log 0 = −∞ is a legal value. */
export function logRange(r: Range): Range | undefined {
  if (r.lo < 0) return undefined;
  return { lo: Math.log(r.lo), hi: Math.log(r.hi), loOpen: r.loOpen, hiOpen: r.hiOpen };
}

/** Undefined where the argument can be negative. */
export function sqrtRange(r: Range): Range | undefined {
  if (r.lo < 0) return undefined;
  return { lo: Math.sqrt(r.lo), hi: Math.sqrt(r.hi), loOpen: r.loOpen, hiOpen: r.hiOpen };
}

export function absRange(r: Range): Range {
  const ends = [low(r), high(r)].map((e) => ({ value: Math.abs(e.value), open: e.open }));
  return hull(contains(r, 0) ? [...ends, { value: 0, open: false }] : ends);
}

const smallerEnd = (a: End, b: End): End => (a.value < b.value || (a.value === b.value && a.open) ? a : b);
const largerEnd = (a: End, b: End): End => (a.value > b.value || (a.value === b.value && a.open) ? a : b);

export function minRange(a: Range, b: Range): Range {
  const lo = a.lo < b.lo || (a.lo === b.lo && !a.loOpen) ? low(a) : low(b);
  const hi = smallerEnd(high(a), high(b));
  return { lo: lo.value, hi: hi.value, loOpen: lo.open, hiOpen: hi.open };
}

export function maxRange(a: Range, b: Range): Range {
  const lo = largerEnd(low(a), low(b));
  const hi = a.hi > b.hi || (a.hi === b.hi && !a.hiOpen) ? high(a) : high(b);
  return { lo: lo.value, hi: hi.value, loOpen: lo.open, hiOpen: hi.open };
}

/** clamp(s, lo, hi) = max(lo, min(s, hi)). */
export function clampRange(s: Range, lo: Range, hi: Range): Range {
  return maxRange(lo, minRange(s, hi));
}

/** Logistic function, stable in both tails. */
export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** log sigmoid(x) = −log(1 + e^−x), stable in both tails; nats. */
export function logSigmoid(x: number): number {
  return x >= 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
}

export function sigmoidRange(r: Range): Range {
  return increasing(r, (x) => (x === -Infinity ? 0 : sigmoid(x)));
}

export function logSigmoidRange(r: Range): Range {
  return increasing(r, (x) => (x === -Infinity ? -Infinity : logSigmoid(x)));
}

function formatEnd(x: number): string {
  if (x === Infinity) return 'inf';
  if (x === -Infinity) return '-inf';
  return String(Number(x.toPrecision(6)));
}

/** `[0, inf)`. */
export function formatRange(r: Range): string {
  return `${r.loOpen ? '(' : '['}${formatEnd(r.lo)}, ${formatEnd(r.hi)}${r.hiOpen ? ')' : ']'}`;
}
