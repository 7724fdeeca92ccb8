import { describe, expect, it } from 'vitest';
import { seededChooser } from '../../src/index.ts';

const draws = (seed: string, n: number): number[] => {
  const chooser = seededChooser(seed);
  return Array.from({ length: n }, () => chooser.uniform!());
};

// Recorded once; a change of these numbers would change every published draw.
const GOLDEN = {
  zero: [0.9202387520765758, 0.6692885927405554, 0.3792564972398528],
  paris: [0.19940492961292822, 0.3495227436717304],
  child: [0.6462059087481093, 0.6612343628616362],
  choices: [0, 3, 3, 1, 3, 1, 3, 3],
};

/** z of a count against Binomial(n, p). The gate |z| < 5.2 has a false-alarm rate of 2e-7. */
const z = (count: number, n: number, p: number): number => (count - n * p) / Math.sqrt(n * p * (1 - p));
const GATE = 5.2;

describe('seeded chooser', () => {
  it('gives the same numbers on every machine', () => {
    expect(draws('0', 3)).toEqual(GOLDEN.zero);
    expect(draws('Paris', 2)).toEqual(GOLDEN.paris);
    const child = seededChooser('0').split('chunk').split(7);
    expect([child.uniform!(), child.uniform!()]).toEqual(GOLDEN.child);
    expect(Array.from({ length: 8 }, (_, i) => seededChooser(`s${i}`).choose([0, 1, -Infinity, 0.5]))).toEqual(
      GOLDEN.choices,
    );
  });

  it('splits by seed and labels alone, whatever was drawn', () => {
    const a = seededChooser('x');
    const before = a.split('child').uniform!();
    for (let i = 0; i < 10; i++) a.uniform!();
    expect(a.split('child').uniform!()).toBe(before);
    expect(a.split('other').uniform!()).not.toBe(before);
    expect(a.split(1).uniform!()).not.toBe(a.split('1').uniform!());
    expect(a.split('ab').split('c').uniform!()).not.toBe(a.split('a').split('bc').uniform!());
  });

  it('never chooses a weight of zero and refuses a row without weight', () => {
    const chooser = seededChooser('zero');
    for (let i = 0; i < 2000; i++) expect(chooser.choose([-Infinity, 0, -Infinity])).toBe(1);
    expect(() => chooser.choose([-Infinity])).toThrow(RangeError);
  });

  it('chooses in proportion to the weights', () => {
    const chooser = seededChooser('proportion');
    const counts = [0, 0, 0];
    const n = 60_000;
    for (let i = 0; i < n; i++) counts[chooser.choose([Math.log(0.2), Math.log(0.5), Math.log(0.3)])]++;
    [0.2, 0.5, 0.3].forEach((p, i) => expect(Math.abs(z(counts[i], n, p))).toBeLessThan(GATE));
  });
});

describe('uniformity', () => {
  const n = 100_000;
  const u = draws('uniformity', n);

  it('fills 64 cells evenly (chi-square 63, 1e-7 upper point 139.6)', () => {
    const cells = new Array<number>(64).fill(0);
    for (const x of u) cells[Math.floor(x * 64)]++;
    const chi2 = cells.reduce((s, c) => s + (c - n / 64) ** 2 / (n / 64), 0);
    expect(chi2).toBeLessThan(139.6);
  });

  it('has independent neighbours (chi-square 255, 1e-7 upper point 390.3)', () => {
    const cells = new Array<number>(256).fill(0);
    for (let i = 0; i + 1 < n; i += 2) cells[Math.floor(u[i] * 16) * 16 + Math.floor(u[i + 1] * 16)]++;
    const expected = n / 2 / 256;
    expect(cells.reduce((s, c) => s + (c - expected) ** 2 / expected, 0)).toBeLessThan(390.3);
  });

  it('has fair low bits', () => {
    const low = u.filter((x) => (x * 2 ** 53) % 2 === 1).length;
    expect(Math.abs(z(low, n, 0.5))).toBeLessThan(GATE);
    expect(u.every((x) => x >= 0 && x < 1)).toBe(true);
  });

  it('gives independent streams for neighbouring labels and seeds', () => {
    const root = seededChooser('streams');
    for (const first of [(i: number) => root.split(i), (i: number) => seededChooser(`seed ${i}`)]) {
      const cells = new Array<number>(256).fill(0);
      const m = 20_000;
      const values = Array.from({ length: m + 1 }, (_, i) => first(i).uniform!());
      for (let i = 0; i < m; i += 2) cells[Math.floor(values[i] * 16) * 16 + Math.floor(values[i + 1] * 16)]++;
      const expected = m / 2 / 256;
      expect(cells.reduce((s, c) => s + (c - expected) ** 2 / expected, 0)).toBeLessThan(390.3);
    }
  });
});
