import { describe, expect, it } from 'vitest';
import { coverageGate, covers } from '../../../testing/src/index.ts';
import { runs as times, slow } from '../../../testing/test/slow.ts';
import { run, wilsonInterval, type Approximation, type Estimate } from '../../src/index.ts';
import { answersOf, fixture } from '../bind/support.ts';

const RUNS = times(400, 2000, 100);

/**
 * Engines × quantities that vary: 95% intervals must cover in at least 93% of the runs. The one-sided binomial test
 * refuses a sound engine with probability at most 1e-6.
 */
const CELLS = [
  ['rejection', 'soft', 'posterior', 200],
  ['rejection', 'hybrid', 'posterior', 200],
  ['rejection', 'needle', 'deadEnd', 50],
  ['importance', 'hybrid', 'posterior', 100],
  ['importance', 'moments', 'two', 100],
] as const;
const SLOW_CELLS = [
  ['rejection', 'needle', 'posterior', 20],
  ['rejection', 'moments', 'two', 200],
  ['importance', 'uncertain', 'cautious', 100],
  ['importance', 'algebra', 'tilted', 100],
] as const;

describe('coverage of 95% intervals', () => {
  it.each(slow ? [...CELLS, ...SLOW_CELLS] : CELLS)('%s on %s: %s', async (engine, file, posterior, draws) => {
    const target = await fixture(file, posterior);
    const answer = answersOf(file).find(([name]) => name === posterior)![1];
    const runs: Approximation[] = [];
    for (let i = 0; i < RUNS; i++) runs.push(await run(target, { engine, draws, seed: `coverage ${i}` }));
    expect(runs.every((r) => r.diagnostics.verdict === 'ok')).toBe(true);

    const gate = (
      what: string,
      truth: number,
      of: (r: Approximation) => Estimate | null | undefined,
      event = false,
    ): void => {
      const found = runs.map(of);
      // What does not vary has no interval to cover it.
      if (found.every((e) => e?.standardError === 0)) {
        for (const e of found) expect(e!.value).toBeCloseTo(truth, 9);
        return;
      }
      const hit = (e: Estimate): boolean => {
        if (!event || engine !== 'rejection') return covers(e.value, e.standardError!, truth);
        const { lo, hi } = wilsonInterval(Math.round(e.value * draws), draws);
        return lo <= truth && truth <= hi;
      };
      const covered = found.filter((e) => e && hit(e)).length;
      const result = coverageGate(covered, RUNS, { falseAlarm: 1e-6 });
      if (slow) console.info(`${engine} ${file} ${posterior} ${what}: ${result.message}`);
      expect(result.passes, `${what}: ${result.message}`).toBe(true);
    };
    gate('logZ', answer.logZ, (r) => r.logZ);
    gate('entropy', answer.entropy, (r) => r.entropy);
    gate('klToPrior', answer.klToPrior, (r) => r.klToPrior);
    for (const f of target.named) {
      const truth = answer.expectations[f.name];
      if (truth === undefined) continue;
      gate(f.name, truth, (r) => r.expectations[f.name], f.kind === 'event');
    }
  });
});
