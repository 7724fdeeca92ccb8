import { describe, expect, it } from 'vitest';
import { runs as times, slow } from '../../../testing/test/slow.ts';
import { answersOf, fixture } from '../bind/support.ts';
import { gateCoverage, manyRuns } from '../support/coverage.ts';

const RUNS = times(400, 2000, 100);

/**
 * Quantities that vary. Nearly every run has a clean verdict; the few others count as well, since leaving them out could
 * only flatter the engine.
 */
const CELLS = [
  ['markov6', 'C', ['clean', 'reward', 'hasCC'], { independence: 0.8, warmup: 20, thin: 1, steps: 400 }],
] as const;
const SLOW_CELLS = [
  ['hard', 'posterior', ['nb', 'size'], { independence: 0.5, warmup: 40, thin: 1, steps: 800 }],
  ['hybrid', 'posterior', ['nb', 'size'], { independence: 0.2, warmup: 40, thin: 2, steps: 1200 }],
] as const;

describe('coverage of 95% intervals of mh', () => {
  it.each(slow ? [...CELLS, ...SLOW_CELLS] : CELLS)('%s: %s', async (file, posterior, names, options) => {
    const target = await fixture(file, posterior);
    const answer = answersOf(file).find(([name]) => name === posterior)![1];
    const runs = await manyRuns(target, { engine: 'mh', draws: 0, options }, RUNS);
    const clean = runs.filter((r) => r.diagnostics.verdict === 'ok').length;
    if (slow) console.info(`${file} ${posterior}: ${clean} of ${RUNS} verdicts are ok`);
    expect(clean).toBeGreaterThan(0.8 * RUNS);
    for (const name of names) {
      gateCoverage(`${file} ${posterior} ${name}`, runs, answer.expectations[name], (r) => r.expectations[name]);
    }
  });
});
