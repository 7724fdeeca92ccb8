import { describe, expect, it } from 'vitest';
import {
  bestOfLaw,
  exactDivergences,
  klBound,
  klBoundGivenAlive,
  klFromReturned,
  listTarget,
  meanBest,
  seededChooser,
} from '../../src/index.ts';
import { coverageGate, covers, meanGate } from '../../../testing/src/index.ts';
import { PRIOR, target } from '../bind/support.ts';

/** E r and KL(π_n ‖ prior) of the fixture "soft, beta 1", from rational arithmetic. */
const GOLDEN = [
  [2, 1.423699, 0.151556322],
  [4, 1.9526157896, 0.5819323546],
  [8, 2.3854554454, 1.1201913902],
] as const;

/** Law of the best of n by going through all n-tuples of a few outcomes. */
function byTuples(p: readonly number[], r: readonly number[], n: number): { law: number[]; none: number } {
  const law = p.map(() => 0);
  let none = 0;
  const visit = (tuple: number[], mass: number): void => {
    if (tuple.length < n) return p.forEach((x, i) => visit([...tuple, i], mass * x));
    const top = Math.max(...tuple.map((i) => r[i]));
    if (top === -Infinity) {
      none += mass;
      return;
    }
    const ties = tuple.filter((i) => r[i] === top);
    for (const i of ties) law[i] += mass / ties.length;
  };
  visit([], 1);
  return { law: law.map((x) => x / (1 - none)), none };
}

describe('the law of the best of n', () => {
  it.each(GOLDEN)('n = %i: E r %d, KL to the prior %d', async (n, reward, kl) => {
    const { listing, logFactor } = (await listTarget(
      await target(`${PRIOR}posterior = prior * exp(count("b"))`),
      100,
    ))!;
    const { logLaw, allDead, meanBest: mean } = bestOfLaw(listing.logPrior, logFactor, n);
    expect(allDead).toBe(0);
    expect(mean).toBeCloseTo(reward, 9);
    expect(exactDivergences(logLaw, listing.logPrior).klForward).toBeCloseTo(kl, 9);
    expect(kl).toBeLessThan(klBound(n));
  });

  it.each([1, 2, 3, 4])('is that of all tuples, with ties and dead texts: n = %i', (n) => {
    const p = [0.1, 0.2, 0.25, 0.15, 0.3];
    for (const r of [
      [0, 1, 1, 3, -Infinity],
      [-Infinity, -Infinity, 2, 2, 2],
      [5, 4, 3, 2, 1],
    ]) {
      // prettier-ignore
      const { law, none } = byTuples(p, r, n);
      const found = bestOfLaw(Float64Array.from(p, Math.log), Float64Array.from(r), n);
      law.forEach((x, i) => expect(Math.exp(found.logLaw[i])).toBeCloseTo(x, 12));
      expect(found.allDead).toBeCloseTo(none, 12);
      expect(found.meanBest).toBeCloseTo(law.reduce((s, x, i) => (x === 0 ? s : s + x * r[i]), 0), 12); // prettier-ignore
    }
  });

  it('goes to the best text as n grows', () => {
    const { logLaw } = bestOfLaw(Float64Array.of(Math.log(0.7), Math.log(0.3)), Float64Array.of(0, 1), 200);
    expect(Math.exp(logLaw[1])).toBeCloseTo(1, 12);
    expect(Math.exp(logLaw[0])).toBeCloseTo(0.7 ** 200, 12);
  });
});

describe('KL of the best of n to the prior', () => {
  it('is bounded, and estimated from what is returned', () => {
    // Fifty equally probable outcomes without ties: the truth lies between the estimate's and the bound's sides.
    const logPrior = new Float64Array(50).fill(-Math.log(50));
    const rewards = Float64Array.from({ length: 50 }, (_, i) => i);
    for (const n of [2, 16, 128]) {
      const { logLaw } = bestOfLaw(logPrior, rewards, n);
      const kl = exactDivergences(logLaw, logPrior).klForward;
      expect(kl).toBeLessThan(klBound(n));
      expect(klFromReturned(n, 1 / 50)).toBeLessThan(klBound(n));
      expect(Math.abs(klFromReturned(n, 1 / 50) - kl)).toBeLessThan(Math.abs(klBound(n) - kl));
    }
    expect(klBound(16)).toBeCloseTo(1.8351, 4);
    expect(klBound(128)).toBeCloseTo(3.8598, 4);
    expect(klFromReturned(16, 1)).toBeCloseTo(0, 12);
    expect(klFromReturned(128, 1e-12)).toBeCloseTo(klBound(128), 8);
  });

  it('is bounded where groups can be dead', () => {
    for (const dead of [0.01, 0.5, 0.9, 0.999]) {
      for (const n of [1, 2, 5, 16]) {
        const alive = 1 - dead;
        const p = Float64Array.of(dead, alive / 2, alive / 3, alive / 6).map(Math.log);
        const { logLaw } = bestOfLaw(p, Float64Array.of(-Infinity, 0, 1, 2), n);
        const kl = exactDivergences(logLaw, p).klForward;
        expect(kl).toBeLessThanOrEqual(klBoundGivenAlive(n, dead) + 1e-9);
      }
    }
    expect(klBoundGivenAlive(2, 0.99)).toBeGreaterThan(klBound(2));
    expect(klBoundGivenAlive(16, 0)).toBe(klBound(16));
  });
});

describe('the mean best of n', () => {
  it('is the mean of the largest over all subsets', () => {
    const r = [3, 1, 4, 1, 5];
    const pairs = r.flatMap((x, i) => r.slice(i + 1).map((y) => Math.max(x, y)));
    expect(meanBest(Float64Array.from(r), 2)!.value).toBeCloseTo(pairs.reduce((a, b) => a + b) / 10, 12);
    expect(meanBest(Float64Array.from(r), 1)!.value).toBeCloseTo(14 / 5, 12);
    expect(meanBest(Float64Array.from(r), 5)).toEqual({ value: 5, standardError: null });
    expect(meanBest(Float64Array.from(r), 6)).toBeNull();
    const dead = [-Infinity, 2, -Infinity, 1];
    expect(meanBest(Float64Array.from(dead), 2)!.value).toBeCloseTo((2 + 2 + 2 + 1 + 1) / 5, 12);
    expect(meanBest(Float64Array.of(-Infinity, -Infinity), 1)).toBeNull();
  });

  it('has the error of leaving out one value at a time', () => {
    const chooser = seededChooser('jackknife');
    const values = Float64Array.from({ length: 60 }, () => (chooser.uniform!() < 0.1 ? -Infinity : chooser.uniform!()));
    const left = Array.from(values.keys(), (i) => meanBest(values.filter((_, j) => j !== i), 3)!.value); // prettier-ignore
    const mean = left.reduce((a, b) => a + b) / 60;
    const expected = Math.sqrt((59 / 60) * left.reduce((s, x) => s + (x - mean) ** 2, 0));
    expect(meanBest(values, 3)!.standardError).toBeCloseTo(expected, 12);
  });

  // Uniform values: E max of n is n/(n + 1). Each gate refuses what is right with probability at most 1e-6 or 1e-7.
  it('is unbiased, and its intervals cover', () => {
    const found = Array.from({ length: 400 }, (_, run) => {
      const chooser = seededChooser(`best ${run}`);
      return meanBest(Float64Array.from({ length: 100 }, () => chooser.uniform!()), 4)!; // prettier-ignore
    });
    expect(meanGate(found.map((e) => e.value), 0.8).message).toMatch(/passes$/); // prettier-ignore
    const covered = found.filter((e) => covers(e.value, e.standardError!, 0.8)).length;
    expect(coverageGate(covered, 400, { falseAlarm: 1e-7 }).message).toMatch(/passes$/);
  });
});
