import { describe, expect, it } from 'vitest';
import { enumerateTraces, expectation, totalMass } from '../../../testing/src/index.ts';
import { diagnosticFigures } from '../../src/engines/qrs/finish.ts';
import type { QrsState } from '../../src/engines/qrs/state.ts';
import { target } from '../bind/support.ts';
import { key, masses, runWith, TOY } from '../support/toy.ts';

const POSTERIORS = [
  'prior * exp(count("b"))',
  'prior | not contains("bb")',
  'prior * exp(0.7 * length) | contains("b")',
];
/** Threshold, diagnostic sample, batch, draws, budget. */
const PLANS = [
  [1.5, 2, 1, 1, 3],
  [1.5, 1, 2, 2, 3],
  [3, 3, 2, 1, 3],
  [100, 2, 2, 1, 3],
] as const;

describe('every path of quasi-rejection', () => {
  it.each(PLANS.flatMap((plan) => POSTERIORS.map((p) => [...plan, p] as const)))(
    'M = %d, %i diagnosed in chunks of %i, %i draws, budget %i: %s',
    async (threshold, diagnose, batch, draws, budget, posterior) => {
      const t = await target(`${TOY}posterior = ${posterior}`);
      const traces = await enumerateTraces(
        (c) => runWith<QrsState>('qrs', t, { threshold, diagnose, batch }, { draws, budget }, c),
        { maxTraces: 50_000 },
      );
      expect(Math.abs(totalMass(traces) - 1)).toBeLessThan(1e-12);
      const all = await masses(t);
      const sum = (f: (m: { prior: number; phi: number }) => number): number =>
        [...all.values()].reduce((s, m) => s + f(m), 0);
      const z = sum((m) => m.prior * m.phi);
      const zHat = expectation(traces, (s) => Math.exp(diagnosticFigures(s).logZ.value));
      expect(Math.abs(zHat - z)).toBeLessThan(1e-12 * Math.max(1, z));

      const quasi = (m: { prior: number; phi: number }): number => m.prior * Math.min(m.phi, threshold);
      const zM = sum(quasi);
      for (const at of [0, draws - 1]) {
        const there = expectation(traces, (s) => (s.accepted.length > at ? 1 : 0));
        expect(there).toBeGreaterThan(0);
        for (const [name, m] of all) {
          const here = expectation(traces, (s) => (s.accepted.length > at && key(s.accepted[at]) === name ? 1 : 0));
          expect(Math.abs(here / there - quasi(m) / zM), name).toBeLessThan(1e-12);
        }
      }
      // Each text is accepted with its own probability, and the excess undoes the cut: E Σ min(1, w/M) max(1, w/M) = N Z / M.
      const accepted = expectation(traces, (s) => s.excess.reduce((n, e) => n + Math.exp(e), 0));
      const trials = expectation(traces, (s) => s.trials);
      expect(Math.abs(accepted - (trials * z) / threshold)).toBeLessThan(1e-11);
    },
  );

  it('does not let the pilot choose what is kept', async () => {
    const t = await target(`${TOY}posterior = prior * exp(count("b"))`);
    const options = { pilot: 1, diagnose: 1, batch: 1, acceptance: 1 };
    const traces = await enumerateTraces((c) => runWith<QrsState>('qrs', t, options, { draws: 1, budget: 2 }, c));
    const all = [...(await masses(t)).values()];
    const z = all.reduce((s, m) => s + m.prior * m.phi, 0);
    expect(Math.abs(totalMass(traces) - 1)).toBeLessThan(1e-12);
    // Whatever the pilot chose, what comes after it is as if it had been given.
    const thresholds = new Set(traces.map((r) => r.value.threshold.logThreshold));
    expect([...thresholds].map((x) => Math.round(x)).sort()).toEqual([0, 1, 2]);
    for (const m of thresholds) {
      const chosen = expectation(traces, (s) => (s.threshold.logThreshold === m ? 1 : 0));
      const zHat = expectation(traces, (s) =>
        s.threshold.logThreshold === m ? Math.exp(diagnosticFigures(s).logZ.value) : 0,
      );
      expect(Math.abs(zHat / chosen - z)).toBeLessThan(1e-12);
    }
    for (const { value: s } of traces) {
      expect(s.diagnosed.logWeights).toHaveLength(1);
      expect(s.modelCalls).toBe(2);
    }
  });
});
