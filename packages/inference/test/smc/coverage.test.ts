import { describe, expect, it } from 'vitest';
import { runs as times, slow } from '../../../testing/test/slow.ts';
import { answersOf, fixture } from '../bind/support.ts';
import { gateAllCoverage, manyRuns } from '../support/coverage.ts';

const RUNS = times(400, 2000, 100);

/** Quantities that vary, in cells with a clean verdict: errors from many runs, and from the weights of one. */
const CELLS = [
  ['hybrid', 'posterior', { twist: 'none', particles: 20 }],
  ['hybrid', 'posterior', { twist: 'none', particles: 1000, runs: 1 }],
] as const;
const SLOW_CELLS = [
  ['hybrid', 'posterior', { twist: 'auto', particles: 20, essThreshold: 2, resampling: 'multinomial' }],
  ['moments', 'two', { twist: 'none', particles: 20, essThreshold: 2, resampling: 'multinomial' }],
  ['uncertain', 'cautious', { twist: 'none', particles: 30 }],
  ['algebra', 'tilted', { twist: 'none', particles: 30, resampling: 'optimal' }],
  ['markov6', 'B', { twist: 'none', particles: 400 }],
] as const;

describe('coverage of 95% intervals', () => {
  it.each(slow ? [...CELLS, ...SLOW_CELLS] : CELLS)('smc on %s: %s with %j', async (file, posterior, options) => {
    const target = await fixture(file, posterior);
    const answer = answersOf(file).find(([name]) => name === posterior)![1];
    const runs = await manyRuns(target, { engine: 'smc', draws: 0, options }, RUNS);
    expect(runs.filter((r) => r.diagnostics.verdict !== 'ok').map((r) => r.diagnostics.verdict)).toEqual([]);
    gateAllCoverage(target, runs, answer);
  });
});
