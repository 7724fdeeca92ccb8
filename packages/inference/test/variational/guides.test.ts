import { describe, expect, it } from 'vitest';
import type { SequenceBatch, TokenMachine } from '@postulate/models';
import { factorsOf, run, type Target } from '../../src/index.ts';
import { arcsOf, expectedValues } from '../../src/variational/guide/states.ts';
import { target } from '../bind/support.ts';
import { failure } from '../support/outcome.ts';
import { listed, reverseKl, trainerOf } from './support.ts';

/** Every token is drawn from the same law, whatever came before: the states of an automaton are a Markov chain. */
const LIKE = '{ "a": 0.4, "b": 0.35, "$": 0.25 }';
const INDEPENDENT = `prior = bigram({ "^": ${LIKE}, "a": ${LIKE}, "b": ${LIKE} }, max_tokens = 4)\n`;
const LAW = [0.4, 0.35, 0.25];
const SOFT = `${INDEPENDENT}posterior = prior * exp(2 * indicator(contains("ab")))`;
const HARD = `${INDEPENDENT}posterior = prior | not contains("bb")`;
/** What comes next depends on the last token. */
const CHAIN =
  'prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 4)\n';

const machineOf = (t: Target): TokenMachine => factorsOf(t)[0].machine() as TokenMachine;

/** The law of every state that has all tokens' own, by class. */
function arcs({ states, classes, classOf }: TokenMachine): Float64Array {
  const out = new Float64Array(states * (classes + 1));
  for (let s = 0; s < states; s++) {
    classOf.forEach((c, v) => (out[s * (classes + 1) + c] += LAW[v]));
    out[s * (classes + 1) + classes] = LAW[2];
  }
  return out;
}

describe('a guide by states', () => {
  it.each([SOFT, HARD])('holds the expectations themselves where tokens are independent: %s', async (file) => {
    const t = await target(file);
    const machine = machineOf(t);
    const values = expectedValues(machine, arcs(machine), 4);
    const exact = await run(t, { engine: 'exact', draws: 0 });
    expect(values[machine.start]).toBeCloseTo(exact.logZ!.value, 12);
    expect(Array.from(values.subarray(4 * machine.states))).toEqual(Array.from(machine.finalStop));
  });

  it('is then the posterior, before a single step', async () => {
    const trainer = await trainerOf('kl-rl', await target(SOFT), { guide: 'states', guideDraws: 200_000, steps: 1 });
    expect(await reverseKl(trainer.policy, await listed(await target(SOFT)))).toBeLessThan(1e-4);
  });

  it('counts what the texts read in each state, and one token more by the law of all', () => {
    // State 1 after a "0": two classes, one of each token.
    const machine: TokenMachine = {
      ...{ vocabularySize: 2, states: 2, start: 0, classes: 2 },
      classOf: Int32Array.of(0, 1),
      next: Int32Array.of(1, 0, 1, 0),
      ...{ output: undefined, finalEnd: new Float64Array(2), finalStop: new Float64Array(2) },
    };
    const batch: SequenceBatch = {
      size: 2,
      tokens: Int32Array.of(0, 0, 1, 1),
      offsets: Int32Array.of(0, 3, 4),
      finished: Uint8Array.of(1, 0),
    };
    // Read in state 0: 0, end, 1; in state 1: 0, 1. Of all: 0 twice, 1 twice, the end once, each a third more.
    const all = [7 / 3, 7 / 3, 4 / 3].map((n) => n / 6);
    const wanted = [1 + all[0], 1 + all[1], 1 + all[2]].map((n) => n / 4);
    wanted.push(...[1 + all[0], 1 + all[1], all[2]].map((n) => n / 3));
    arcsOf(machine, batch).forEach((x, k) => expect(x, `arc ${k}`).toBeCloseTo(wanted[k], 12));
  });

  it('never writes what a hard constraint rules out, not even before the first step', async () => {
    const t = await target(`${CHAIN}posterior = prior | not contains("bb")`);
    const list = await listed(t);
    const plain = await trainerOf('gdc', t, { steps: 1 });
    const guided = await trainerOf('gdc', t, { steps: 1, guide: 'states' });
    const violating = async ({ policy }: typeof plain): Promise<number> =>
      (await policy.logProb(list.batch)).reduce((s, l, i) => s + (list.logGamma[i] === -Infinity ? Math.exp(l) : 0), 0);
    expect(await violating(plain)).toBeGreaterThan(0.1);
    expect(await violating(guided)).toBe(0);
    // It is nearer to the posterior than the prior by the whole mass that the prior wastes.
    expect(await reverseKl(guided.policy, list)).toBeLessThan(0.02);
    expect([plain.drawn, guided.drawn]).toEqual([0, 2000]);
  });

  it.each(['kl-rl', 'gdc', 'f-dpg', 'trajectory-balance', 'dpo'])('%s comes nearer from there', async (engine) => {
    const t = await target(`${CHAIN}posterior = prior * exp(3 * indicator(contains("ab")))`);
    const list = await listed(t);
    const trainer = await trainerOf(engine, t, { steps: 150, batch: 256, guide: 'states', guideDraws: 20 });
    const start = await reverseKl(trainer.policy, list);
    while (!trainer.done) await trainer.advance();
    expect(await reverseKl(trainer.policy, list)).toBeLessThan(start / 4);
  });

  it.each(['kl-rl', 'trajectory-balance', 'f-dpg'])('lets %s keep a hard constraint', async (engine) => {
    const t = await target(`${CHAIN}posterior = prior * indicator(not contains("bb")) * exp(count("a"))`);
    const list = await listed(t);
    const options = { steps: 150, batch: 256, ...(engine === 'f-dpg' ? { divergence: 'reverse-kl' } : {}) };
    const refused = await failure(trainerOf(engine, t, options));
    expect(refused.diagnostics[0].help).toContain('with a finite k, give the policy a guide (--option guide=states)');
    const trainer = await trainerOf(engine, t, { ...options, guide: 'states' });
    const start = await reverseKl(trainer.policy, list);
    while (!trainer.done) await trainer.advance();
    expect(await reverseKl(trainer.policy, list)).toBeLessThan(start / 4);
  });

  it('cannot keep a policy from where the prior has no way on, and says so', async () => {
    const t = await target(
      'prior = bigram({ "^": { "a": 0.5, "b": 0.5 }, "a": { "a": 0.5, "$": 0.5 }, "b": { "a": 0.3, "b": 0.4, "$": 0.3 } }, max_tokens = 3)\nposterior = prior | contains("bb")',
    );
    const refused = await failure(
      (async () => {
        const trainer = await trainerOf('kl-rl', t, { guide: 'states' });
        await trainer.advance();
      })(),
    );
    expect(refused.code).toBe('P604');
    expect(refused.diagnostics[0].message).toContain('its guide did not keep the policy from it');
    expect(refused.diagnostics[0].help).toContain('use gdc');
  });

  it('counts texts from elsewhere that it cannot write as nothing', async () => {
    const t = await target(`${CHAIN}posterior = prior * indicator(not contains("bb")) * exp(count("a"))`);
    const options = { guide: 'states', steps: 30, batch: 64, control: 'prior', samples: 500 };
    const found = await run(t, { engine: 'kl-rl', options, law: t.prior, draws: 0 });
    expect(found.diagnostics.extra['violatingMass']).toBe(0);
    const list = await listed(t);
    expect(Math.abs(found.logZ!.value - list.logZ)).toBeLessThan(5 * found.logZ!.standardError!);
  });

  it('does not help who learns from texts of the prior', async () => {
    const t = await target(`${CHAIN}posterior = prior | not contains("bb")`);
    const refused = await failure(trainerOf('dpo', t, { guide: 'states' }));
    expect(refused.diagnostics[0].help).not.toContain('guide');
  });

  it('is refused where no factor has an automaton', async () => {
    const t = await target(`${CHAIN}posterior = prior * exp(distinct(1))`);
    const refused = await failure(trainerOf('gdc', t, { guide: 'states' }));
    expect(refused.code).toBe('P600');
    expect(refused.diagnostics[0].message).toContain('a policy towards posterior cannot be guided: ');
    expect(refused.diagnostics[0].help).toBe('leave guide out.');
  });
});
