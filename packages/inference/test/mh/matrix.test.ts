import { describe, expect, it } from 'vitest';
import { run } from '../../src/index.ts';
import { fixture } from '../bind/support.ts';
import { CELLS, gateExpectations, isNeedle } from '../support/gate.ts';

/** Cells that the chains do not get through in the steps they have: their verdict has to say so. */
const HARD = ['needle deadEnd'];

describe('mh on posteriors with known answers', () => {
  it.each(CELLS)('%s: %s', async (file, posterior, answer) => {
    const target = await fixture(file, posterior);
    // One text in 400,000 has mass in `needle`: no start is found, and the error must say so.
    const hopeless = isNeedle(file, posterior);
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
    gateExpectations(result, answer);
  });
});
