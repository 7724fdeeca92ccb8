import { describe, expect, it } from 'vitest';
import { runs as times, slow } from '../../../testing/test/slow.ts';
import { wilsonInterval, type Estimate } from '../../src/index.ts';
import { answersOf, fixture } from '../bind/support.ts';
import { gateAllCoverage, manyRuns } from '../support/coverage.ts';

const RUNS = times(400, 2000, 100);

/** Quantities that vary. */
const CELLS = [
  ['rejection', 'hybrid', 'posterior', 200],
  ['rejection', 'needle', 'deadEnd', 50],
  ['importance', 'hybrid', 'posterior', 100],
] as const;
const SLOW_CELLS = [
  ['rejection', 'soft', 'posterior', 200],
  ['rejection', 'needle', 'posterior', 20],
  ['rejection', 'moments', 'two', 200],
  ['importance', 'moments', 'two', 100],
  ['importance', 'uncertain', 'cautious', 100],
  ['importance', 'algebra', 'tilted', 100],
] as const;

describe('coverage of 95% intervals', () => {
  it.each(slow ? [...CELLS, ...SLOW_CELLS] : CELLS)('%s on %s: %s', async (engine, file, posterior, draws) => {
    const target = await fixture(file, posterior);
    const answer = answersOf(file).find(([name]) => name === posterior)![1];
    const runs = await manyRuns(target, { engine, draws }, RUNS);
    expect(runs.every((r) => r.diagnostics.verdict === 'ok')).toBe(true);
    const byWilson =
      (truth: number) =>
      (e: Estimate): boolean => {
        const { lo, hi } = wilsonInterval(Math.round(e.value * draws), draws);
        return lo <= truth && truth <= hi;
      };
    const isEvent = (name: string): boolean => target.named.find((f) => f.name === name)!.kind === 'event';
    gateAllCoverage(target, runs, answer, (name, truth) =>
      engine === 'rejection' && isEvent(name) ? byWilson(truth) : undefined,
    );
  });
});
