import { describe, expect, it } from 'vitest';
import { zGate } from '../../../testing/src/index.ts';
import { run } from '../../src/index.ts';
import { answersOf, fixture } from '../bind/support.ts';

const FIXTURES = ['algebra', 'hard', 'hybrid', 'moments', 'needle', 'soft', 'tabular', 'uncertain', 'markov6'];
const cells = FIXTURES.flatMap((f) => answersOf(f).map(([posterior, answer]) => [f, posterior, answer] as const));

/** Every gate refuses a correct engine with probability 2e-7; the seed is fixed. */
const FALSE_ALARM = 2e-7;

describe.each(['auto', 'prefix', 'learned', 'none'])('weighted decoding with scorer %s', (scorer) => {
  it.each(cells)('%s: %s', async (file, posterior, answer) => {
    const t = await fixture(file, posterior);
    const once = () => run(t, { engine: 'weighted-decoding', draws: 1000, seed: 'matrix', options: { scorer } });
    if (answer.zeroMass) return expect(once()).rejects.toThrow(/P403|P604/);
    // One text in 400,000: without the automata it is not found, and the error must say so.
    if (file === 'needle' && posterior === 'posterior' && scorer === 'none')
      return expect(once()).rejects.toThrow('P604');
    const result = await once();
    if (scorer === 'auto') {
      expect(result.guarantee).toBe('exact draws');
      expect(Math.abs(result.logZ!.value - answer.logZ)).toBeLessThan(1e-8);
      // The law is the posterior: its expectations are known.
      for (const [name, value] of Object.entries(answer.expectations)) {
        const e = result.expectations[name]!;
        if (Math.abs(e.value - value) < 1e-9) continue;
        const gate = zGate(e.value, e.standardError!, value, { falseAlarm: FALSE_ALARM });
        expect(gate.passes, `${name}: ${gate.message}`).toBe(true);
      }
      return;
    }
    const { ess, paretoK, verdict } = result.diagnostics;
    if (verdict !== 'ok') expect(result.warnings.map((w) => w.code)).toContain('P606');
    if (ess! < 100 || (paretoK !== null && paretoK > 0.66)) return expect(verdict).not.toBe('ok');
    if (Math.abs(result.logZ!.value - answer.logZ) < 1e-8) return;
    const gate = zGate(result.logZ!.value, result.logZ!.standardError!, answer.logZ, { falseAlarm: FALSE_ALARM });
    expect(gate.passes, gate.message).toBe(true);
  });
});
