import { describe, expect, it } from 'vitest';
import { zGate } from '../../../testing/src/index.ts';
import { run, type Approximation } from '../../src/index.ts';
import { answersOf, fixture, type Answer } from '../bind/support.ts';

const FIXTURES = ['algebra', 'hard', 'hybrid', 'moments', 'needle', 'soft', 'tabular', 'uncertain', 'markov6'];

/** Every gate refuses a correct engine with probability 2e-7; the seed is fixed. */
const FALSE_ALARM = 2e-7;

function check(result: Approximation, answer: Answer): void {
  for (const [name, truth] of Object.entries(answer.expectations)) {
    const found = result.expectations[name]!;
    // Where the functional is the same in every text the error is rounding alone.
    if (Math.abs(found.value - truth) < 1e-9) continue;
    const gate = zGate(found.value, found.standardError ?? NaN, truth, { falseAlarm: FALSE_ALARM });
    expect(gate.passes, `${name}: ${gate.message}`).toBe(true);
  }
  answer.lambda?.forEach((l, i) => expect(result.lambda![i]).toBeCloseTo(l, 8));
}

/** Cells that the chains do not get through in the steps they have: their verdict has to say so. */
const HARD = ['needle deadEnd', 'markov6 B'];

describe('mh on posteriors with known answers', () => {
  const cells = FIXTURES.flatMap((f) => answersOf(f).map(([posterior, answer]) => [f, posterior, answer] as const));

  it.each(cells)('%s: %s', async (file, posterior, answer) => {
    const target = await fixture(file, posterior);
    // One text in 400,000 has mass in `needle`: no start is found, and the error must say so.
    const hopeless = file === 'needle' && posterior === 'posterior';
    const work = run(target, { engine: 'mh', draws: 100, seed: 'matrix', options: hopeless ? { starts: 2000 } : {} });
    if (answer.zeroMass) {
      await expect(work).rejects.toThrow('P403');
      return;
    }
    if (hopeless) {
      await expect(work).rejects.toThrow('P604');
      return;
    }
    const result = await work;
    expect(result.draws).toHaveLength(100);
    if (result.diagnostics.verdict !== 'ok') {
      expect(HARD).toContain(`${file} ${posterior}`);
      expect(result.warnings.map((w) => w.code)).toContain('P606');
      return;
    }
    check(result, answer);
  });
});
