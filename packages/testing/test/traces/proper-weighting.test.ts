import type { Chooser } from '@postulate/models';
import { describe, expect, it } from 'vitest';
import { enumerateTraces, properWeightingLaws, type WeightedResult } from '../../src/index.ts';

// A toy: two tokens from {a, b}; the weight of a text is WEIGHT, "bb" is impossible.
const PRIOR: Record<string, readonly number[]> = { '': [0.5, 0.5], a: [0.6, 0.4], b: [0.3, 0.7] };
const WEIGHT: Record<string, number> = { aa: 1.5, ab: 4, ba: 0.25, bb: 0 };
const TWIST: Record<string, number> = { a: 2, b: 0.5 };
const GAMMA = new Map(
  Object.entries(WEIGHT).map(([s, w]) => [s, PRIOR[''][s[0] === 'a' ? 0 : 1] * PRIOR[s[0]][s[1] === 'a' ? 0 : 1] * w]),
);

type Bug = 'none' | 'keeps the twist' | 'forgets 1/N' | 'keeps weights after resampling' | 'softens the indicator';

/** Sequential Monte Carlo with a twist and forced resampling, or with one of the usual mistakes. */
function smc(bug: Bug, size = 2) {
  const extend = (c: Chooser, text: string) => text + 'ab'[c.choose(PRIOR[text].map(Math.log))];
  return (c: Chooser): WeightedResult => {
    let particles = Array.from({ length: size }, () => extend(c, ''));
    let weights = particles.map((x) => TWIST[x]);
    const total = weights.reduce((a, b) => a + b, 0);
    const kept = particles.map(() => c.choose(weights.map(Math.log)));
    weights = kept.map((i) => (bug === 'keeps weights after resampling' ? weights[i] : 1));
    particles = kept.map((i) => particles[i]);
    const logScale = Math.log(total) - (bug === 'forgets 1/N' ? 0 : Math.log(size));
    const done = particles.map((x, i) => {
      const y = extend(c, x);
      const phi = bug === 'softens the indicator' && WEIGHT[y] === 0 ? 0.05 : WEIGHT[y];
      return {
        key: y,
        logWeight: Math.log((weights[i] * phi) / (bug === 'keeps the twist' ? 1 : TWIST[x]) / size) + logScale,
      };
    });
    return { logZ: Math.log(done.reduce((sum, p) => sum + Math.exp(p.logWeight), 0)), particles: done };
  };
}

describe('properWeightingLaws', () => {
  it('holds for a right sequential sampler', async () => {
    const traces = await enumerateTraces(smc('none'));
    expect(properWeightingLaws(traces, GAMMA).filter((r) => !r.holds)).toEqual([]);
    expect(traces.length).toBeGreaterThan(16);
  });

  const bugs = ['keeps the twist', 'forgets 1/N', 'keeps weights after resampling', 'softens the indicator'] as const;
  it.each(bugs)('catches a sampler that %s', async (bug) => {
    const reports = properWeightingLaws(await enumerateTraces(smc(bug)), GAMMA);
    expect(reports.some((r) => !r.holds && r.counterexample !== undefined)).toBe(true);
  });
});
