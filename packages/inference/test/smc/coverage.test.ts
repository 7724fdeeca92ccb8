import { describe, expect, it } from 'vitest';
import { coverageGate, covers } from '../../../testing/src/index.ts';
import { runs as times, slow } from '../../../testing/test/slow.ts';
import { run, type Approximation, type Estimate } from '../../src/index.ts';
import { answersOf, fixture } from '../bind/support.ts';

const RUNS = times(400, 2000, 100);

/**
 * Quantities that vary, in cells with a clean verdict: 95% intervals must cover in at least 93% of the runs. The one-sided
 * binomial test refuses a sound engine with probability at most 1e-6.
 */
const CELLS = [
  ['hybrid', 'posterior', { twist: 'none', particles: 20 }],
  ['moments', 'two', { twist: 'none', particles: 20, essThreshold: 2, resampling: 'multinomial' }],
  ['hybrid', 'posterior', { twist: 'auto', particles: 20, essThreshold: 2, resampling: 'multinomial' }],
  ['hybrid', 'posterior', { twist: 'none', particles: 1000, runs: 1 }],
] as const;
const SLOW_CELLS = [
  ['uncertain', 'cautious', { twist: 'none', particles: 30 }],
  ['algebra', 'tilted', { twist: 'none', particles: 30, resampling: 'optimal' }],
  ['markov6', 'B', { twist: 'none', particles: 100 }],
] as const;

describe('coverage of 95% intervals', () => {
  it.each(slow ? [...CELLS, ...SLOW_CELLS] : CELLS)(
    'smc on %s: %s with %j',
    { timeout: 600_000 },
    async (file, posterior, options) => {
      const target = await fixture(file, posterior);
      const answer = answersOf(file).find(([name]) => name === posterior)![1];
      const runs: Approximation[] = [];
      for (let i = 0; i < RUNS; i++)
        runs.push(await run(target, { engine: 'smc', draws: 0, options, seed: `coverage ${i}` }));
      expect(runs.filter((r) => r.diagnostics.verdict !== 'ok').map((r) => r.diagnostics.verdict)).toEqual([]);
      const gate = (what: string, truth: number, of: (r: Approximation) => Estimate | null | undefined): void => {
        const found = runs.map(of);
        // What does not vary has no interval to cover it.
        if (found.every((e) => e?.standardError === 0)) {
          for (const e of found) expect(e!.value).toBeCloseTo(truth, 9);
          return;
        }
        const covered = found.filter((e) => e && covers(e.value, e.standardError!, truth)).length;
        const result = coverageGate(covered, RUNS, { falseAlarm: 1e-6 });
        console.info(`smc ${file} ${posterior} ${JSON.stringify(options)} ${what}: ${result.message}`);
        expect(result.passes, `${what}: ${result.message}`).toBe(true);
      };
      gate('logZ', answer.logZ, (r) => r.logZ);
      gate('entropy', answer.entropy, (r) => r.entropy);
      gate('klToPrior', answer.klToPrior, (r) => r.klToPrior);
      for (const f of target.named) {
        const truth = answer.expectations[f.name];
        if (truth !== undefined) gate(f.name, truth, (r) => r.expectations[f.name]);
      }
    },
  );
});
