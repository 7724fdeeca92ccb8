import { describe, expect, it } from 'vitest';
import { run } from '../../src/index.ts';
import { fixture } from '../bind/support.ts';
import { CELLS, gate, gateExpectations, isNeedle } from '../support/gate.ts';

describe.each(['auto', 'prefix', 'learned', 'none'])('weighted decoding with scorer %s', (scorer) => {
  it.each(CELLS)('%s: %s', async (file, posterior, answer) => {
    const t = await fixture(file, posterior);
    const once = () => run(t, { engine: 'weighted-decoding', draws: 1000, seed: 'matrix', options: { scorer } });
    if (answer.zeroMass) return expect(once()).rejects.toThrow(/P403|P604/);
    // One text in 400,000: without the automata it is not found, and the error must say so.
    if (isNeedle(file, posterior) && scorer === 'none') return expect(once()).rejects.toThrow('P604');
    const result = await once();
    if (scorer === 'auto') {
      expect(result.guarantee).toBe('exact draws');
      expect(Math.abs(result.logZ!.value - answer.logZ)).toBeLessThan(1e-8);
      // The law is the posterior: its expectations are known.
      gateExpectations(result, answer);
      return;
    }
    const { ess, paretoK, verdict } = result.diagnostics;
    if (verdict !== 'ok') expect(result.warnings.map((w) => w.code)).toContain('P606');
    if (ess! < 100 || (paretoK !== null && paretoK > 0.66)) return expect(verdict).not.toBe('ok');
    if (Math.abs(result.logZ!.value - answer.logZ) < 1e-8) return;
    gate('logZ', result.logZ, answer.logZ);
  });
});
