import { describe, expect, it } from 'vitest';
import { coverageGate, covers } from '../../../testing/src/index.ts';
import { runs as times, slow } from '../../../testing/test/slow.ts';
import { run, type Approximation } from '../../src/index.ts';
import { answersOf, fixture } from '../bind/support.ts';

const RUNS = times(400, 2000, 100);

/**
 * Quantities that vary: 95% intervals must cover in at least 93% of the runs. The one-sided binomial test refuses a
 * sound engine with probability at most 1e-6. Nearly every run has a clean verdict; the few others count as well, since
 * leaving them out could only flatter the engine.
 */
const CELLS = [
  ['hard', 'posterior', ['nb', 'size'], { independence: 0.5, warmup: 40, thin: 1, steps: 800 }],
  ['markov6', 'C', ['clean', 'reward', 'hasCC'], { independence: 0.6, warmup: 20, thin: 1, steps: 400 }],
] as const;
const SLOW_CELLS = [
  ['hybrid', 'posterior', ['nb', 'size'], { independence: 0.2, warmup: 40, thin: 2, steps: 1200 }],
] as const;

describe('coverage of 95% intervals of mh', () => {
  it.each(slow ? [...CELLS, ...SLOW_CELLS] : CELLS)(
    '%s: %s',
    async (file, posterior, names, options) => {
      const target = await fixture(file, posterior);
      const answer = answersOf(file).find(([name]) => name === posterior)![1];
      const results: Approximation[] = [];
      for (let i = 0; i < RUNS; i++) {
        results.push(await run(target, { engine: 'mh', draws: 0, options, seed: `coverage ${i}` }));
      }
      const clean = results.filter((r) => r.diagnostics.verdict === 'ok').length;
      if (slow) console.info(`${file} ${posterior}: ${clean} of ${RUNS} verdicts are ok`);
      expect(clean).toBeGreaterThan(0.8 * RUNS);
      for (const name of names) {
        const covered = results.filter(({ expectations }) => {
          const { value, standardError } = expectations[name]!;
          return covers(value, standardError!, answer.expectations[name]);
        }).length;
        const gate = coverageGate(covered, RUNS, { falseAlarm: 1e-6 });
        if (slow) console.info(`mh ${file} ${posterior} ${name}: ${gate.message}`);
        expect(gate.passes, `${name}: ${gate.message}`).toBe(true);
      }
    },
    slow ? 900_000 : 180_000,
  );
});
