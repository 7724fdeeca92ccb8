import { describe, expect, it } from 'vitest';
import {
  binomialCdf,
  log1mexp,
  logAddExp,
  logMeanExp,
  logSigmoid,
  logSumExp,
  LogWeightMoments,
  normalCdf,
  normalQuantile,
  RunningMoments,
  sigmoid,
  wilsonInterval,
} from '../../src/index.ts';

describe('log space', () => {
  it('treats -Infinity as zero and never makes NaN', () => {
    expect(logSumExp([])).toBe(-Infinity);
    expect(logSumExp([-Infinity, -Infinity])).toBe(-Infinity);
    expect(logSumExp([-Infinity, 3])).toBe(3);
    expect(logAddExp(-Infinity, -Infinity)).toBe(-Infinity);
    expect(logMeanExp([-Infinity, 0])).toBeCloseTo(-Math.LN2, 15);
  });

  it('does not overflow or underflow', () => {
    expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.LN2, 12);
    expect(logSumExp([-1e5, -1e5, -1e5])).toBeCloseTo(-1e5 + Math.log(3), 9);
    expect(logSigmoid(-1000)).toBe(-1000);
    expect(logSigmoid(1000)).toBeCloseTo(0, 300);
    expect(sigmoid(-800)).toBe(0);
    expect(sigmoid(0)).toBe(0.5);
    expect(log1mexp(-1e-20)).toBeCloseTo(Math.log(1e-20), 12);
    expect(log1mexp(-50)).toBeCloseTo(-Math.exp(-50), 30);
    expect(log1mexp(0)).toBe(-Infinity);
  });
});

describe('normal distribution', () => {
  it('agrees with reference values', () => {
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(normalCdf(-5) / 2.866515718791939e-7).toBeCloseTo(1, 11);
    expect(normalCdf(-10) / 7.619853024160527e-24).toBeCloseTo(1, 11);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 13);
    expect(normalQuantile(1e-9)).toBeCloseTo(-5.997807015007686, 11);
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
  });

  it('has the quantile as the inverse of the distribution function', () => {
    for (let p = 0.0005; p < 1; p += 0.0137) expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 13);
  });
});

describe('binomial', () => {
  it('gives the Wilson interval of the textbook', () => {
    const { lo, hi } = wilsonInterval(8, 10);
    expect(lo).toBeCloseTo(0.490162, 6);
    expect(hi).toBeCloseTo(0.943318, 6);
    expect(wilsonInterval(0, 10).lo).toBe(0);
  });

  it('sums the distribution function', () => {
    expect(binomialCdf(3, 10, 0.5)).toBeCloseTo(176 / 1024, 14);
    expect(binomialCdf(10, 10, 0.3)).toBe(1);
  });
});

describe('running moments', () => {
  it('matches the two-pass formulas', () => {
    const xs = [3, 1, 4, 1, 5, 9, 2, 6];
    const m = new RunningMoments();
    xs.forEach((x) => m.add(x));
    const mean = xs.reduce((a, b) => a + b) / xs.length;
    const variance = xs.reduce((s, x) => s + (x - mean) ** 2, 0) / (xs.length - 1);
    expect(m.mean).toBeCloseTo(mean, 14);
    expect(m.variance).toBeCloseTo(variance, 13);
    expect(m.standardError).toBeCloseTo(Math.sqrt(variance / xs.length), 13);
  });

  it('keeps log weights of any scale', () => {
    const logs = [-2000, -2001, -Infinity, -1999.5];
    const m = new LogWeightMoments();
    logs.forEach((x) => m.add(x));
    const w = logs.map((l) => Math.exp(l + 2000));
    const mean = w.reduce((a, b) => a + b) / 4;
    const sd = Math.sqrt(w.reduce((s, x) => s + (x - mean) ** 2, 0) / 3);
    expect(m.logMean).toBeCloseTo(Math.log(mean) - 2000, 12);
    expect(m.logMeanStandardError).toBeCloseTo(sd / mean / 2, 12);
    expect(m.ess).toBeCloseTo((4 * mean) ** 2 / w.reduce((s, x) => s + x * x, 0), 12);
    expect(m.dead).toBe(1);
  });
});
