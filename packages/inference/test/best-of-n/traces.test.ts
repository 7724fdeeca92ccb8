import { describe, expect, it } from 'vitest';
import { enumerateTraces, expectation, totalMass } from '../../../testing/src/index.ts';
import { bestOfLaw } from '../../src/index.ts';
import { candidateLogZ } from '../../src/engines/best-of-n/finish.ts';
import type { BestOfState } from '../../src/engines/best-of-n/state.ts';
import { target } from '../bind/support.ts';
import { key, masses, runWith, TOY } from '../support/toy.ts';

const POSTERIORS = [
  'prior * exp(count("b"))',
  'prior | not contains("bb")',
  'prior * exp(0.7 * length) | contains("b")',
];
/** n, candidates of a batch, draws, budget. */
const PLANS = [
  [1, 2, 2, 3],
  [2, 2, 1, 4],
  [2, 4, 1, 4],
  [3, 1, 1, 3],
] as const;

describe('every path of best-of-n', () => {
  it.each(PLANS.flatMap((plan) => POSTERIORS.map((p) => [...plan, p] as const)))(
    'n = %i, batch %i, %i draws, budget %i: %s',
    async (n, batch, draws, budget, posterior) => {
      const t = await target(`${TOY}posterior = ${posterior}`);
      const traces = await enumerateTraces(
        (c) => runWith<BestOfState>('best-of-n', t, { n, batch, maxSupport: 1 }, { draws, budget }, c),
        { maxTraces: 50_000 },
      );
      expect(Math.abs(totalMass(traces) - 1)).toBeLessThan(1e-12);
      const all = [...(await masses(t))];
      const z = all.reduce((s, [, m]) => s + m.prior * m.phi, 0);
      const zHat = expectation(traces, (s) => Math.exp(candidateLogZ(s)!.value));
      expect(Math.abs(zHat - z)).toBeLessThan(1e-12 * Math.max(1, z));

      const logs = (f: (m: { prior: number; phi: number }) => number): Float64Array =>
        Float64Array.from(all, ([, m]) => Math.log(f(m)));
      const { logLaw } = bestOfLaw(logs((m) => m.prior), logs((m) => m.phi), n); // prettier-ignore
      const there = expectation(traces, (s) => (s.best.length > 0 ? 1 : 0));
      all.forEach(([name], i) => {
        const here = expectation(traces, (s) => (s.best.length > 0 && key(s.best[0]) === name ? 1 : 0));
        expect(Math.abs(here / there - Math.exp(logLaw[i])), name).toBeLessThan(1e-12);
      });
    },
  );

  it('returns nothing for a group of dead texts', async () => {
    const t = await target(`${TOY}posterior = prior | contains("bb")`);
    const traces = await enumerateTraces((c) =>
      runWith<BestOfState>('best-of-n', t, { n: 2, batch: 2, maxSupport: 1 }, { draws: 1, budget: 2 }, c),
    );
    const dead = 1 - [...(await masses(t)).values()].reduce((s, m) => s + m.prior * m.phi, 0);
    expect(Math.abs(expectation(traces, (s) => (s.best.length === 0 ? 1 : 0)) - dead ** 2)).toBeLessThan(1e-12);
    for (const { value } of traces) for (const d of value.best) expect([...d.tokens]).toEqual([1, 1]);
  });
});
