import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as g from '../src/index.ts';

/** Ends with the awkward values over-represented. */
const end = fc.oneof(
  fc.constantFrom(-Infinity, Infinity, 0, 1, -1, 2, 0.5, -0.5),
  fc.double({ min: -20, max: 20, noNaN: true }),
);
const interval = fc
  .tuple(end, end, fc.boolean(), fc.boolean())
  .map(([a, b, lo, hi]) =>
    g.range(
      Math.min(a, b) + 0,
      Math.max(a, b) + 0,
      lo || Math.abs(Math.min(a, b)) === Infinity,
      hi || Math.abs(Math.max(a, b)) === Infinity,
    ),
  )
  .filter((r) => !g.isEmpty(r) && Number.isFinite(Math.max(r.lo, -1e6)) && Number.isFinite(Math.min(r.hi, 1e6)));

/** A member of a range: its ends where they belong, points inside, large ones where it is unbounded. */
function member(r: g.Range, u: number): number {
  const lo = Math.max(r.lo, -1e3);
  const hi = Math.min(r.hi, 1e3);
  const x = u < 0.15 ? lo : u > 0.85 ? hi : lo + (hi - lo) * ((u - 0.15) / 0.7);
  return g.contains(r, x) ? x : (lo + hi) / 2;
}
const unit = fc.double({ min: 0, max: 1, noNaN: true });

/** Doubles round: a computed value may miss a computed end by a few units in the last place. */
function within(r: g.Range, x: number): boolean {
  const slack = 1e-12 * (1 + Math.abs(x));
  return (
    g.contains(r, x) || g.contains({ ...r, loOpen: false, hiOpen: false }, x) || (x > r.lo - slack && x < r.hi + slack)
  );
}

type Unary = readonly [string, (r: g.Range) => g.Range | undefined, (x: number) => number];
const UNARY: readonly Unary[] = [
  ['negate', g.negateRange, (x) => -x],
  ['exp', g.expRange, Math.exp],
  ['log', g.logRange, Math.log],
  ['sqrt', g.sqrtRange, Math.sqrt],
  ['abs', g.absRange, Math.abs],
  ['sigmoid', g.sigmoidRange, g.sigmoid],
  ['log sigmoid', g.logSigmoidRange, g.logSigmoid],
];
type Binary = readonly [string, (a: g.Range, b: g.Range) => g.Range | undefined, (x: number, y: number) => number];
const BINARY: readonly Binary[] = [
  ['add', g.addRange, (x, y) => x + y],
  ['subtract', g.subtractRange, (x, y) => x - y],
  ['multiply', g.multiplyRange, (x, y) => x * y],
  ['divide', g.divideRange, (x, y) => x / y],
  ['power', g.powerRange, Math.pow],
  ['min', g.minRange, Math.min],
  ['max', g.maxRange, Math.max],
];

describe('interval arithmetic', () => {
  it.each(UNARY)('%s holds every value of its argument', (_, onRange, onNumber) => {
    fc.assert(
      fc.property(interval, unit, (r, u) => {
        const x = member(r, u);
        if (!g.contains(r, x)) return;
        const out = onRange(r);
        if (out === undefined) return;
        expect([out.lo, out.hi]).not.toContain(NaN);
        expect(within(out, onNumber(x)), `${onNumber(x)} in ${g.formatRange(out)}`).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(BINARY)('%s holds every value of its arguments', (_, onRanges, onNumbers) => {
    fc.assert(
      fc.property(interval, interval, unit, unit, (a, b, u, v) => {
        const [x, y] = [member(a, u), member(b, v)];
        if (!g.contains(a, x) || !g.contains(b, y)) return;
        const out = onRanges(a, b);
        if (out === undefined) return;
        expect([out.lo, out.hi]).not.toContain(NaN);
        const value = onNumbers(x, y);
        if (!Number.isFinite(value)) return;
        expect(within(out, value), `${value} of ${x}, ${y} in ${g.formatRange(out)}`).toBe(true);
      }),
      { numRuns: 4000 },
    );
  });

  it.each([
    ['exp of the reals is open at 0', g.expRange(g.REALS), '(0, inf)'],
    ['sigmoid of the reals', g.sigmoidRange(g.REALS), '(0, 1)'],
    ['sigmoid of a large finite number stays open', g.sigmoidRange(g.range(0, 1000)), '[0.5, 1)'],
    ['exp of a large negative number stays positive', g.expRange(g.point(-2000)), '(0, 5e-324]'],
    ['even powers', g.powerRange(g.range(-3, 2), g.point(2)), '[0, 9]'],
    ['odd powers', g.powerRange(g.range(-3, 2), g.point(3)), '[-27, 8]'],
    ['real powers of a non-negative base', g.powerRange(g.range(0, 4), g.point(0.5)), '[0, 2]'],
    ['real powers of a base that may be negative', g.powerRange(g.range(-1, 4), g.point(0.5)), undefined],
    ['division by an open zero', g.divideRange(g.range(0, 20), g.POSITIVE), '[0, inf)'],
    ['division by a range around zero', g.divideRange(g.point(1), g.range(-1, 1)), undefined],
    ['infinity minus infinity widens', g.subtractRange(g.NON_NEGATIVE, g.NON_NEGATIVE), '(-inf, inf)'],
    ['zero times unbounded is zero', g.multiplyRange(g.point(0), g.REALS), '[0, 0]'],
    ['log of a range from 0', g.logRange(g.NON_NEGATIVE), '[-inf, inf)'],
    ['log of a range below 0', g.logRange(g.range(-1, 1)), undefined],
    ['clamp', g.clampRange(g.REALS, g.point(-1), g.point(3)), '[-1, 3]'],
    ['max with a number closes the end', g.maxRange(g.NON_NEGATIVE, g.point(1)), '[1, inf)'],
    ['union keeps the closed end', g.unionRange(g.range(0, 1, true, true), g.range(0, 1)), '[0, 1]'],
  ])('%s', (_, found, text) => {
    expect(found && g.formatRange(found)).toBe(text);
  });
});
