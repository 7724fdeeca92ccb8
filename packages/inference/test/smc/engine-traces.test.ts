import { describe, expect, it } from 'vitest';
import { PostError } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { enumerateTraces, expectation, properWeightingLaws, weightedResult } from '../../../testing/src/index.ts';
import { seededChooser } from '../../src/chooser/index.ts';
import { exactDraws } from '../../src/dp/index.ts';
import { smcEngine } from '../../src/engines/smc/index.ts';
import type { SmcOptions } from '../../src/engines/smc/options.ts';
import type { RunsState as SmcState } from '../../src/particle-runs/index.ts';
import type { Approximation, Target } from '../../src/index.ts';
import { priorExtension } from '../../src/smc/index.ts';
import { target } from '../bind/support.ts';
import { gamma, key, TOY } from '../support/toy.ts';
import { particlesOf } from './support.ts';

interface Outcome {
  readonly state: SmcState;
  readonly result: Approximation | undefined;
}

/** The engine from beginning to end; no result where every run died. */
async function once(t: Target, options: Partial<SmcOptions>, draws: number, chooser: Chooser): Promise<Outcome> {
  const request = { draws, budget: Infinity };
  const state = await smcEngine.init(t, { ...smcEngine.defaults, ...options }, request, chooser);
  try {
    while (!(await smcEngine.step(state, chooser)).done);
    return { state, result: await smcEngine.finish(state) };
  } catch (error) {
    if (error instanceof PostError && error.code === 'P604') return { state, result: undefined };
    throw error;
  }
}

const POSTERIORS = [
  'prior * exp(count("b"))',
  'prior | not contains("bb")',
  'prior * exp(0.7 * length) | contains("b")',
  // The look-ahead covers one factor and knows nothing of the other.
  'prior * exp(distinct(1)) * exp(count("b"))',
  'prior * exp(distinct(1)) | not contains("bb")',
];
const PLANS: readonly (readonly [Partial<SmcOptions>, number])[] = [
  [{ particles: 2, runs: 1, twist: 'none' }, 2],
  [{ particles: 2, runs: 2, twist: 'none' }, 2],
  [{ particles: 1, runs: 3, twist: 'none' }, 1],
  [{ particles: 2, runs: 1, twist: 'none', essThreshold: 1.1, resampling: 'multinomial' }, 3],
  [{ particles: 1, runs: 1, twist: 'none', resampling: 'optimal', expansion: 2 }, 2],
  [{ particles: 2, runs: 1, twist: 'auto' }, 2],
  [{ particles: 2, runs: 1, twist: 'auto', essThreshold: 1.1, resampling: 'stratified' }, 2],
  [{ particles: 1, runs: 2, twist: 'auto' }, 2],
  [{ particles: 2, runs: 1, twist: 'prefix', essThreshold: 1.1 }, 2],
  [{ particles: 1, runs: 1, twist: 'prefix', resampling: 'optimal', expansion: 3 }, 2],
];

describe('every path of the engine', () => {
  it.each(PLANS.flatMap((plan) => POSTERIORS.map((p) => [...plan, p] as const)))(
    '%j, %i draws: %s',
    async (options, draws, posterior) => {
      const t = await target(`${TOY}posterior = ${posterior}`);
      const traces = await enumerateTraces(
        async (chooser) => {
          const { result } = await once(t, options, draws, chooser);
          return result === undefined ? { logZ: -Infinity, particles: [] } : weightedResult(result, key);
        },
        { maxTraces: 200_000 },
      );
      for (const law of properWeightingLaws(traces, await gamma(t)))
        expect(law, JSON.stringify(law)).toMatchObject({ holds: true });
    },
  );

  it('leaves the posterior invariant by particle-independent Metropolis–Hastings', async () => {
    const t = await target(`${TOY}posterior = prior * exp(0.7 * length) | contains("b")`);
    const masses = await gamma(t);
    const options = { particles: 2, runs: 2, twist: 'none', pimh: true, essThreshold: 1.1 };
    const traces = await enumerateTraces((chooser) => once(t, options, 1, chooser), { maxTraces: 200_000 });
    // Weighted by the Ẑ of its first run the chain starts in its stationary law; its second state must be in it too.
    for (const [text, mass] of masses) {
      const found = expectation(traces, ({ state, result }) => {
        const first = Math.exp(state.runs[0].logZ);
        const hit = result?.draws.some((d) => key(d) === text) ?? false;
        return first === 0 || !hit ? 0 : first;
      });
      expect(found).toBeCloseTo(mass, 12);
    }
  });
});

describe('the two-sided bound of log Z', () => {
  const A2 =
    'prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 3)\nposterior = prior * exp(count("b"))';
  /** Exact values for particles from the prior without resampling, by exact arithmetic elsewhere. */
  const GOLDEN: readonly (readonly [number, number, number])[] = [
    [1, 0.909, 1.9639952897],
    [2, 1.1075201792, 1.7465874815],
    [4, 1.2516113793, 1.6056848439],
  ];

  it('has its exact expectation with one particle', async () => {
    const [[particles, lower, upper]] = GOLDEN;
    const options = { particles, runs: 1, twist: 'none', essThreshold: 0, bounds: true };
    const t = await target(A2);
    const traces = await enumerateTraces(
      async (chooser) => (await once(t, options, 0, chooser)).result!.details!.bounds!,
    );
    expect(expectation(traces, (b) => b.lower!.value)).toBeCloseTo(lower, 9);
    expect(expectation(traces, (b) => b.upper!.value)).toBeCloseTo(upper, 9);
  });

  it('has its exact expectation with two particles', async () => {
    const [, [particles, lower, upper]] = GOLDEN;
    const t = await target(A2);
    const extension = priorExtension(t.prior);
    const exact = exactDraws({ prior: t.prior, factors: t.stages[0].factors }, { maxStates: 100, maxMemoryMB: 10 });
    if ('reason' in exact) throw new Error(exact.reason);
    const fresh = await enumerateTraces((c) => particlesOf(t, extension, { particles, essThreshold: 0 }, c));
    expect(expectation(fresh, (r) => r.logZ)).toBeCloseTo(lower, 9);
    const conditional = await enumerateTraces((c) =>
      particlesOf(t, extension, { particles, essThreshold: 0, retained: exact(c) }, c),
    );
    expect(expectation(conditional, (r) => r.logZ)).toBeCloseTo(upper, 9);
  });

  it('is met by many runs with four particles', async () => {
    const t = await target(A2);
    const options = { particles: 4, runs: 2000, twist: 'none', essThreshold: 0, bounds: true };
    const { result } = await once(t, options, 0, seededChooser('bounds'));
    const { lower, upper } = result!.details!.bounds!;
    const [, , [, low, high]] = GOLDEN;
    // Two-sided false alarm 2e-7 each.
    expect(Math.abs(lower!.value - low) / lower!.standardError!).toBeLessThan(5.2);
    expect(Math.abs(upper!.value - high) / upper!.standardError!).toBeLessThan(5.2);
  });

  it('holds with resampling, in expectation over every path', async () => {
    const t = await target(`${TOY}posterior = prior * exp(0.7 * length + count("b"))`);
    const logZ = Math.log([...(await gamma(t)).values()].reduce((a, b) => a + b, 0));
    const options = {
      particles: 2,
      runs: 1,
      twist: 'none',
      essThreshold: 1.1,
      bounds: true,
      resampling: 'multinomial',
    };
    const traces = await enumerateTraces(
      async (chooser) => {
        const { state, result } = await once(t, options, 0, chooser);
        return { bounds: result!.details!.bounds!, logZ: state.runs[0].logZ };
      },
      { maxTraces: 400_000 },
    );
    const upper = expectation(traces, (r) => r.bounds.upper!.value);
    expect(expectation(traces, (r) => r.bounds.lower!.value)).toBeLessThan(logZ);
    expect(upper).toBeGreaterThan(logZ);
    // E under the conditional law is E[Ẑ log Ẑ] / Z under the plain one.
    expect(upper).toBeCloseTo(
      expectation(traces, (r) => Math.exp(r.logZ - logZ) * r.logZ),
      10,
    );
  });

  it('has no lower side where runs can die', async () => {
    const t = await target(`${TOY}posterior = prior | contains("b")`);
    const options = { particles: 100, runs: 10, twist: 'none', bounds: true };
    const { result } = await once(t, options, 0, seededChooser('hard'));
    expect(result!.details!.bounds!.lower).toBeNull();
    expect(result!.details!.bounds!.upper).not.toBeNull();
    expect(result!.unavailable['lower bound']).toContain('contains("b")');
  });
});
