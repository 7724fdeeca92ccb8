import { describe, expect, it } from 'vitest';
import {
  allGates,
  binomialGate,
  binomialTwoSided,
  chiSquareGate,
  countBy,
  coverageGate,
  distributionGate,
  expectedTotalVariation,
  gTestGate,
  meanGate,
  multinomialGate,
  pooledCells,
  totalVariation,
  totalVariationGate,
  wilsonInterval,
  zGate,
  type GateOptions,
  type GateResult,
} from '../../src/index.ts';
import { pick, testUniform } from '../support.ts';

const P = [0.3, 0.25, 0.2, 0.1, 0.08, 0.04, 0.02, 0.01];
const LAW = new Map(P.map((p, i) => [String(i), p]));

function drawCounts(weights: readonly number[], n: number, seed: number): Map<string, number> {
  const uniform = testUniform(seed);
  return countBy(Array.from({ length: n }, () => pick(weights, uniform)), String); // prettier-ignore
}

type Discrete = (counts: ReadonlyMap<string, number>, law: ReadonlyMap<string, number>, o: GateOptions) => GateResult;
const GATES: Readonly<Record<string, Discrete>> = {
  'chi-square': chiSquareGate,
  'G-test': gTestGate,
  multinomial: multinomialGate,
  'total variation': totalVariationGate,
};
const DISCRETE = Object.keys(GATES);
const RUNS = 2000;

/** Alarms over RUNS seeded runs on a true null. */
const alarms = (gate: (seed: number) => GateResult) =>
  Array.from({ length: RUNS }, (_, seed) => gate(seed)).filter((r) => !r.passes).length;

describe('false alarms on true nulls', () => {
  // The count of alarms is itself binomial: each test below refuses a right gate with probability at most 1e-6.
  it.each(DISCRETE)('%s: at most the stated rate of 0.05', (name) => {
    const count = alarms((seed) => GATES[name](drawCounts(P, 300, seed), LAW, { falseAlarm: 0.05 }));
    expect(binomialGate(count, RUNS, 0.05, { side: 'greater' }).message).toMatch(/passes$/);
    if (name === 'chi-square' || name === 'G-test') expect(binomialGate(count, RUNS, 0.05).message).toMatch(/passes$/);
  });

  it('mean and z: the stated 5%', () => {
    const normal = (uniform: () => number) =>
      Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    const values = (seed: number, n: number) => {
      const uniform = testUniform(seed);
      return Array.from({ length: n }, () => 3 + normal(uniform));
    };
    const t = alarms((seed) => meanGate(values(seed, 6), 3, { falseAlarm: 0.05 }));
    const z = alarms((seed) => zGate(values(seed, 1)[0], 1, 3, { falseAlarm: 0.05 }));
    expect(binomialGate(t, RUNS, 0.05).message).toMatch(/passes$/);
    expect(binomialGate(z, RUNS, 0.05).message).toMatch(/passes$/);
  });

  it('binomial, coverage, distribution function: at most the stated 5%', () => {
    const successes = (seed: number, p: number) => {
      const uniform = testUniform(seed);
      return Array.from({ length: 200 }, uniform).filter((u) => u < p).length;
    };
    const uniforms = (seed: number) => {
      const uniform = testUniform(seed);
      return Array.from({ length: 100 }, uniform);
    };
    const options = { falseAlarm: 0.05 };
    const counts = [
      alarms((seed) => binomialGate(successes(seed, 0.3), 200, 0.3, options)),
      alarms((seed) => coverageGate(successes(seed, 0.93), 200, options)),
      alarms((seed) => distributionGate(uniforms(seed), (x) => x, (x) => x, options)), // prettier-ignore
    ];
    for (const count of counts) {
      expect(binomialGate(count, RUNS, 0.05, { side: 'greater' }).message).toMatch(/passes$/);
      expect(count).toBeGreaterThan(0);
    }
  });

  it('allGates keeps the rate of the whole', () => {
    const uniform = testUniform(5);
    const one = (share: GateOptions) => zGate(0, 1, 0, { ...share }); // never alarms
    const count = alarms(() => {
      const p = uniform();
      return allGates('all', [one, (share) => ({ ...zGate(0, 1, 0, share), pValue: p })], { falseAlarm: 0.05 });
    });
    expect(binomialGate(count, RUNS, 0.025).message).toMatch(/passes$/);
  });
});

describe('power', () => {
  const biased = P.map((p, i) => (i === 0 ? p + 0.06 : i === 1 ? p - 0.06 : p));
  it.each(DISCRETE)('%s sees six points of mass moved in 5,000 draws, at 1e-6', (name) => {
    const gate = GATES[name];
    expect(gate(drawCounts(biased, 5000, 1), LAW, {}).passes).toBe(false);
    expect(gate(drawCounts(P, 5000, 1), LAW, {}).passes).toBe(true);
  });

  it.each(DISCRETE.slice(0, 3))('%s refuses a draw of probability zero', (name) => {
    const counts = drawCounts(P, 5000, 1).set('impossible', 1);
    expect(GATES[name](counts, LAW, {})).toMatchObject({ passes: false, pValue: 0 });
  });

  it('sees intervals that cover 85%, a mean five errors off, a shifted distribution function', () => {
    expect(coverageGate(340, 400).passes).toBe(false);
    expect(coverageGate(372, 400).passes).toBe(true);
    expect(zGate(1.05, 0.01, 1).passes).toBe(false);
    expect(binomialGate(560, 1000, 0.5).passes).toBe(true);
    expect(binomialGate(590, 1000, 0.5).passes).toBe(false);
    const uniform = testUniform(2);
    const values = Array.from({ length: 2000 }, () => uniform() ** 1.2);
    expect(distributionGate(values, (x) => x).passes).toBe(false);
    expect(zGate(1, 0, 1).passes).toBe(true);
    expect(zGate(1 + 1e-12, 0, 1).passes).toBe(false);
  });
});

describe('figures', () => {
  it('pools cells until each expects enough and keeps the mass that is not listed', () => {
    const cells = pooledCells(new Map([['a', 90], ['z', 10]]), new Map([['a', 0.9], ['b', 0.03], ['c', 0.03]]), 5); // prettier-ignore
    expect(cells.observed).toEqual([10, 90]);
    expect(cells.expected.reduce((a, b) => a + b)).toBeCloseTo(100, 9);
    expect(Math.min(...cells.expected)).toBeGreaterThanOrEqual(5);
  });

  it('expects the total variation that simulation finds', () => {
    const mean =
      Array.from({ length: 400 }, (_, s) => totalVariation(drawCounts(P, 200, s), LAW)).reduce((a, b) => a + b) / 400;
    expect(Math.abs(mean - expectedTotalVariation(P, 200))).toBeLessThan(0.002);
    // Exact for one toss of a fair coin: TV is always 1/2.
    expect(expectedTotalVariation([0.5, 0.5], 1)).toBeCloseTo(0.5, 12);
  });

  it("gives Wilson's interval and the exact binomial p-value", () => {
    const [low, high] = wilsonInterval(8, 10); // scipy.stats.binomtest(8, 10).proportion_ci(method='wilson')
    expect(low).toBeCloseTo(0.490162, 5);
    expect(high).toBeCloseTo(0.943318, 5);
    expect(binomialTwoSided(0, 10, 0.5)).toBeCloseTo(2 / 1024, 12);
  });
});
