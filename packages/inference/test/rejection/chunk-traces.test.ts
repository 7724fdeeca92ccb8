import { PostError } from '@postulate/graph';
import { describe, expect, it } from 'vitest';
import { enumerateTraces, properWeightingLaws, weightedResult } from '../../../testing/src/index.ts';
import { rejectionEngine } from '../../src/engines/rejection/index.ts';
import { target } from '../bind/support.ts';
import { gamma, key, TOY } from '../support/toy.ts';

describe('every path of rejection', () => {
  // Two accepts that may lie in one chunk or in two, the second of which may hold more of them than are wanted; and one
  // chunk whose later batches leave out what the first has shown to be dead.
  it.each([
    ['prior | contains("b")', { batch: 2, removeDead: false }, 2, 4],
    ['prior * exp(count("b"))', { batch: 2, removeDead: false }, 2, 3],
    ['prior | starts_with("b")', { batch: 1, removeDead: true }, 1000, 3],
    ['prior | starts_with("b")', { batch: 2, removeDead: true }, 1000, 4],
  ])('is properly weighted: %s %j, %i draws, budget %i', async (posterior, options, draws, budget) => {
    const t = await target(`${TOY}posterior = ${posterior}`);
    let removed = 0;
    const traces = await enumerateTraces(async (chooser) => {
      let state = await rejectionEngine.init(
        t,
        { ...rejectionEngine.defaults, ...options },
        { draws, budget },
        chooser,
      );
      try {
        for (;;) {
          const step = await rejectionEngine.step(state, chooser);
          ({ state } = step);
          if (!step.done) continue;
          const result = await rejectionEngine.finish(state);
          removed = Math.max(removed, result.diagnostics.extra['removedMass']);
          return weightedResult(result, key);
        }
      } catch (error) {
        if (error instanceof PostError && error.code === 'P603') return { logZ: -Infinity, particles: [] };
        throw error;
      }
    });
    for (const law of properWeightingLaws(traces, await gamma(t))) {
      // Draws within a run do not weigh alike where some trials left texts out: mass and Ẑ are held to their laws.
      if (options.removeDead && law.law.startsWith('E[w')) continue;
      expect(law, JSON.stringify(law)).toMatchObject({ holds: true });
    }
    expect(removed > 0.4).toBe(options.removeDead);
  });
});
