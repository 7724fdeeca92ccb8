import { describe, expect, test } from 'vitest';
import { beliefOf, betaBelief, categoricalBelief, normalBelief } from '../../src/rewards/distribution.ts';

const BELIEFS = {
  normal: normalBelief(1.5, 0.4),
  beta: betaBelief(2.5, 1.2),
  categorical: categoricalBelief(Float64Array.of(0.1, 0, 0.25, 0.65)),
};

describe.each(Object.entries(BELIEFS))('%s', (_, belief) => {
  test('equally likely atoms have the mean, and nearly the spread', () => {
    for (const count of [1, 3, 50, 400]) {
      const atoms = belief.atoms(count);
      const mean = atoms.reduce((a, b) => a + b, 0) / count;
      expect(mean).toBeCloseTo(belief.mean, 10);
      expect([...atoms]).toEqual([...atoms].sort((a, b) => a - b));
      const sd = Math.sqrt(atoms.reduce((s, v) => s + (v - mean) ** 2, 0) / count);
      expect(sd).toBeLessThanOrEqual(belief.sd + 1e-12);
      if (count === 400) expect(sd).toBeGreaterThan(0.99 * belief.sd);
    }
  });
  test('quantiles lie between the atoms of their slices', () => {
    const atoms = belief.atoms(100);
    for (const i of [1, 20, 50, 80, 99]) {
      const q = belief.quantile(i / 100);
      expect(q).toBeGreaterThanOrEqual(atoms[i - 1] - 1e-9);
      expect(q).toBeLessThanOrEqual(atoms[i] + 1e-9);
    }
  });
});

test('a head that gives one number is certain', () => {
  expect([...beliefOf('bt', [0.7]).atoms(2)]).toEqual([0.7, 0.7]);
});
