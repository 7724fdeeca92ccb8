import { describe, expect, it } from 'vitest';
import { run, type Approximation } from '../../src/index.ts';
import { fixture } from '../bind/support.ts';
import { CELLS, gateAll, isNeedle } from '../support/gate.ts';

describe.each(['rejection', 'importance'])('%s on posteriors with known answers', (engine) => {
  it.each(CELLS)('%s: %s', async (file, posterior, answer) => {
    const target = await fixture(file, posterior);
    const run1 = (): Promise<Approximation> => run(target, { engine, draws: 1000, budget: 300_000, seed: 'matrix' });
    if (answer.zeroMass) {
      await expect(run1()).rejects.toThrow('P403');
      return;
    }
    // One text in 400,000: plain proposals do not find it, and the error must say so.
    if (isNeedle(file, posterior) && engine === 'importance') {
      await expect(run1()).rejects.toThrow('P604');
      return;
    }
    const result = await run1();
    if (result.diagnostics.verdict !== 'ok') {
      expect(result.warnings.map((w) => w.code)).toContain(engine === 'rejection' ? 'P603' : 'P606');
      return;
    }
    gateAll(result, answer);
  });
});
