import { describe, expect, it } from 'vitest';
import { tableModel } from '@postulate/models';
import { logSumExp, seededChooser, twistFor } from '../../src/index.ts';
import { aliveStates } from '../../src/machine/index.ts';
import { twistedExtension } from '../../src/smc/index.ts';
import { SOME_TOKEN, Features } from '../../src/twists/features.ts';
import type { LogLinear } from '../../src/twists/log-linear.ts';
import { successorRecord } from '../../src/twists/successors.ts';
import { chainTable, countOf, factorOf, mustMap, targetOf } from '../exact/toys.ts';
import { particlesOf } from '../smc/support.ts';

const TOKENS = Array.from({ length: 100 }, (_, i) => `<${i}>`);

/** log weights for "<3>" after "<7>", and none for two of those. */
const machine = mustMap([countOf(TOKENS, '<7><3>')], 6, ([n]) => (n > 1 ? -Infinity : 2 * n));

describe('what can follow', () => {
  it.each([5, 6])('keeps all of the mass in few entries, at token %i of 6', (t) => {
    const maxTokens = 6;
    const model: LogLinear = {
      ...{ machine, maxTokens, alive: aliveStates(machine, maxTokens), endsToo: false, level: 0 },
      ...{ features: new Features(machine, maxTokens, false), theta: new Float64Array(0) },
    };
    const { uniform } = seededChooser('law');
    const raw = Float64Array.from({ length: 101 }, () => 3 * uniform!());
    const law = raw.map((x) => x - logSumExp(raw));
    const weights = law.map((l) => Math.exp(2 * l));
    for (let state = 0; state < machine.states; state++) {
      const record = successorRecord(model, 2);
      const proposed = { weights, total: weights.reduce((a, b) => a + b, 0) };
      record.add(1, { t: t - 1, state, context: 0 }, law, proposed);
      const { list, from, tokens, logMass } = record.all();
      const truth = Array.from({ length: 100 }, (_, w) => {
        const to = machine.next[state * machine.classes + machine.classOf[w]];
        const out = machine.output?.[state * machine.classes + machine.classOf[w]] ?? 0;
        return model.alive[t * machine.states + to] === 1
          ? law[w] + out + (t === 6 ? machine.finalStop[to] : 0)
          : -Infinity;
      });
      expect(logSumExp(logMass)).toBeCloseTo(logSumExp([...truth, law[100] + machine.finalEnd[state]]), 12);
      expect([...list]).toEqual([-1, 0]);
      expect(from[1]).toBe(tokens.length);
      expect(tokens.length).toBeLessThan(60);
      if (logMass.length > 1) expect(tokens).toContain(SOME_TOKEN);
    }
  });

  it('is enough for soft values over a large vocabulary', async () => {
    const row = Object.fromEntries([...TOKENS.map((w, i) => [w, 1 / (i + 10)] as const), ['$', 0.1] as const]);
    const total = Object.values(row).reduce((a, b) => a + b, 0);
    const law = Object.fromEntries(Object.entries(row).map(([w, p]) => [w, p / total]));
    const table = chainTable(TOKENS, Object.fromEntries(['^', ...TOKENS].map((w) => [w, law])));
    const vocabulary = { size: 100, tokens: TOKENS, separator: '' };
    const prior = tableModel({ id: 'many', vocabulary, maxTokens: 6, table });
    const wanted = mustMap([countOf(TOKENS, '<7><3>')], 6, ([n]) => (n > 0 ? 0 : -4));
    const t = targetOf(prior, [factorOf('wanted', wanted)]);
    const spread = async (name: string): Promise<number> => {
      const twist = await twistFor(t, name, { learnedDraws: 3000 }, seededChooser('fit'));
      const plan = { particles: 1000, essThreshold: 0 };
      const { particles, logZ } = await particlesOf(t, twistedExtension(prior, twist), plan, seededChooser('spread'));
      return particles.logWeight.reduce((s, w) => s + (Math.exp(w - logZ) - 1) ** 2, 0) / particles.size;
    };
    const [soft, prefix] = [await spread('soft-value'), await spread('prefix')];
    // Came out as 0.7 in place of 11.
    expect(soft).toBeLessThan(0.2 * prefix);
  });
});
