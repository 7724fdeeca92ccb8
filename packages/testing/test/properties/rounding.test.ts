import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arithmetic, compared } from '../../src/properties/column-arithmetic.ts';
import { columnOf, constantColumn, inLogs, linear, type NumberColumn } from '../../src/properties/column.ts';
import { posteriors } from '../../src/index.ts';
import { runs } from '../slow.ts';
import { outcomes } from './programs.ts';

const column = (x: number): NumberColumn => constantColumn(x, 1);
const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

/** A whole number times 2^e, exactly. */
function exactly(x: number): { readonly mantissa: bigint; readonly exponent: number } {
  let exponent = 0;
  let value = x;
  while (!Number.isInteger(value)) {
    value *= 2;
    exponent--;
  }
  return { mantissa: BigInt(value), exponent };
}

describe('earned rounding', () => {
  it('bounds the true error of sums and products', () => {
    fc.assert(
      fc.property(fc.array(positive, { minLength: 2, maxLength: 12 }), (xs) => {
        const sum = xs.map(column).reduce((a, b) => arithmetic('add', a, b));
        const parts = xs.map(exactly);
        const lowest = Math.min(...parts.map((p) => p.exponent));
        const scale = (p: { mantissa: bigint; exponent: number }): bigint => p.mantissa << BigInt(p.exponent - lowest);
        const truth = parts.map(scale).reduce((a, b) => a + b);
        const found = exactly(sum.values[0]);
        const common = Math.min(lowest, found.exponent);
        const difference = (found.mantissa << BigInt(found.exponent - common)) - (truth << BigInt(lowest - common));
        const error = Number(difference < 0n ? -difference : difference) * 2 ** common;
        expect(error).toBeLessThanOrEqual(sum.errors[0]);
        expect(sum.errors[0]).toBeLessThanOrEqual(xs.length * 2 ** -52 * sum.values[0]);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('makes equal what is equal, however it is grouped, and tells a part in a thousand million', () => {
    fc.assert(
      fc.property(positive, positive, positive, (a, b, c) => {
        const [x, y, z] = [a, b, c].map(column);
        const left = arithmetic('add', arithmetic('multiply', x, z), arithmetic('multiply', y, z));
        const right = arithmetic('multiply', arithmetic('add', x, y), z);
        expect(compared('==', left, right).values[0]).toBe(1);
        expect(compared('<', left, right).values[0]).toBe(0);
        expect(compared('==', inLogs(left)!, right).values[0]).toBe(1);
        const more = arithmetic('multiply', right, column(1 + 1e-9));
        expect(compared('>', more, left).values[0]).toBe(1);
        expect(compared('>', inLogs(more)!, inLogs(left)!).values[0]).toBe(1);
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  it('keeps densities far below the smallest double apart', () => {
    const tiny = (log: number): NumberColumn => columnOf(1, true, () => ({ value: log, error: 1e-12 }));
    expect(compared('>', tiny(-2000), tiny(-2001)).values[0]).toBe(1);
    expect(compared('==', arithmetic('divide', tiny(-2000), tiny(-2001)), tiny(1)).values[0]).toBe(1);
    expect(linear(tiny(-2000)).values[0]).toBe(0);
    expect(compared('>', tiny(-Infinity), column(-1)).values[0]).toBe(1);
    expect(compared('==', tiny(-Infinity), column(0)).values[0]).toBe(1);
  });

  it('never refuses an identity of random posteriors, and refuses it a little off', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(posteriors(), async ({ source }) => {
        const found = await outcomes(
          `${source}property "same": forall x: ratio(posterior, x) * exp(log_density(prior, x)) == exp(log_density(posterior, x))
property "sum": forall x in posterior: log_density(posterior, x) == log_density(prior, x) + log(ratio(posterior, x))
property "off": forall x in posterior: log_density(posterior, x) == log_density(prior, x) + log(ratio(posterior, x)) + 1e-9\n`,
          { runs: 200 },
        );
        expect([...found.values()].map((o) => o.verdict)).toEqual(['holds', 'holds', 'fails']);
      }),
      { numRuns: runs(12, 200), seed: 4 },
    );
  });
});
