import { describe, expect, it } from 'vitest';
import { run, type Approximation, type RunOptions } from '../../src/index.ts';
import { PRIOR, target } from '../bind/support.ts';
import { asSession } from '../support/decoded.ts';
import { plain } from '../support/outcome.ts';

const ROWS = '{ "^": { "a": 0.5, "b": 0.5 }, "a": { "a": 0.5, "b": 0.5 }, "b": { "a": 0.5, "b": 0.5 } }';
/** A table of three states, and with 40 tokens more texts than can be listed. */
const TABLE = `prior = bigram(${ROWS}, max_tokens = 40)\n`;
/** The number of different words has no automaton, so that exact does not apply. */
const OPAQUE = 'exp(distinct(1))';
/** So few proposals that rejection cannot draw twenty texts. */
const FEW = { draws: 20, options: { pilot: 200, maxProposals: 25 } };

const auto = async (text: string, options: RunOptions = FEW, session = false): Promise<Approximation> => {
  const t = await target(text);
  return run(session ? asSession(t) : t, { seed: 'auto', ...options });
};

describe('auto', () => {
  it('takes the exact engine where it applies', async () => {
    const r = await auto(`${PRIOR}posterior = prior * exp(count("b"))`, { draws: 3 });
    expect(r.engine).toBe('exact');
    expect(r.reasons![0]).toMatch(/^exact, because it applies/);
    expect(r.reasons!.join()).not.toContain('not exact');
  });

  it('else rejection where the pilot accepts enough', async () => {
    const r = await auto(`${TABLE}posterior = prior * ${OPAQUE}`, { draws: 50 });
    expect(r.engine).toBe('rejection');
    expect(r.reasons).toHaveLength(2);
    expect(r.reasons![0]).toMatch(/^not exact: .*distinct/);
    expect(r.reasons![1]).toMatch(/^rejection, because it accepts \d\S*% of 1000 pilot texts$/);
  });

  it.each([
    [
      'smc',
      'a table',
      `${OPAQUE} * exp(-3 * count("a"))`,
      /^smc, because it can look ahead by exp\(-3\*count\("a"\)\)$/,
    ],
    ['smc', 'a table', `${OPAQUE} | contains("aab")`, /^smc, because it can look ahead by .*contains\("aab"\)/],
    [
      'awrs',
      'a decode session',
      `${OPAQUE} | not contains("aab")`,
      /^awrs, because prefixes can be tested against .*"aab"/,
    ],
    [
      'smc',
      'a decode session',
      `${OPAQUE} * exp(-3 * count("a"))`,
      /^smc, because prefixes can be scored by .*count\("a"\)/,
    ],
    ['importance', 'a table', OPAQUE, /^importance, because no factor tells anything of a prefix$/],
    ['importance', 'a decode session', OPAQUE, /^importance, because no factor tells anything of a prefix$/],
  ])('else %s: from %s, * %s', async (engine, kind, factor, reason) => {
    const r = await auto(`${TABLE}posterior = prior * ${factor}`, FEW, kind !== 'a table');
    expect(r.reasons![0]).toMatch(/^not exact: /);
    expect(r.reasons![1]).toMatch(/^not rejection: it accepts /);
    expect(r.reasons![1]).toContain('too few for 20 draws from 25 proposals');
    expect(r.reasons![2]).toMatch(reason);
    expect(r.engine).toBe(engine);
    expect(r.draws).toHaveLength(20);
  });

  it('tries no pilot where rejection has no bound, and says which factor has none', async () => {
    const text = `${TABLE}blend = mixture(prior, prior, weights = [1, 2])\nposterior = prior * exp(-0.1 * log_prob(blend))`;
    const r = await auto(text, { draws: 5 });
    expect(r.engine).toBe('importance');
    expect(r.reasons![1]).toMatch(/^not rejection: .*exp\(-0\.1\*log_prob\(blend\)\) has none/);
    expect(r.reasons![2]).toMatch(/^importance, because/);
  });

  it('leaves its pilot a share of the budget', async () => {
    const r = await auto(`${TABLE}posterior = prior * ${OPAQUE}`, { ...FEW, budget: 150 });
    expect(r.reasons![1]).toContain('of 150 pilot texts, too few for 20 draws from 0 proposals');
  });

  it('draws what the engine that it chooses draws under the same seed', async () => {
    for (const factor of ['exp(count("b"))', OPAQUE]) {
      const t = await target(`${PRIOR}posterior = prior * ${factor}`);
      const chosen = await run(t, { engine: 'auto', draws: 20, seed: 's' });
      const own = await run(t, { engine: chosen.engine, draws: 20, seed: 's' });
      expect(plain(chosen.draws)).toEqual(plain(own.draws));
    }
  });
});
