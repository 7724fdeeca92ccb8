import { describe, expect, it } from 'vitest';
import { seededChooser } from '../../src/index.ts';
import { RunTotals, type RunsState } from '../../src/particle-runs/index.ts';
import { effectiveParticles } from '../../src/particle-runs/units.ts';

describe('what a progress line of particle runs says', () => {
  it('is the effective sample size of all runs so far', () => {
    const { uniform } = seededChooser('totals');
    const totals = new RunTotals();
    const runs: RunsState['runs'] = [];
    expect(totals.ess).toBe(0);
    for (let k = 0; k < 30; k++) {
      const logZ = k % 7 === 0 ? -Infinity : 60 * uniform!() - 800;
      const run = { logZ, lineageSquares: uniform!(), sampled: k } as RunsState['runs'][number];
      runs.push(run);
      totals.add(run);
      expect(totals.ess).toBeCloseTo(effectiveParticles({ runs } as RunsState), 9);
    }
    expect(totals.tokens).toBe(435);
  });
});
