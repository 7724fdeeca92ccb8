import { describe, expect, it } from 'vitest';
import { enumerateTraces, properWeightingLaws } from '../../../testing/src/index.ts';
import { run, seededChooser, type Target } from '../../src/index.ts';
import { awrsEngine } from '../../src/engines/awrs/index.ts';
import { answersOf, fixture, PRIOR, target } from '../bind/support.ts';
import { CELLS, gate, gateAll } from '../support/gate.ts';
import { gamma, TOY, weightedRunOf } from '../support/toy.ts';

const TOYS = [
  'prior | not contains("bb")',
  'prior * exp(0.7 * length) | contains("b")',
  'prior * exp(count("b")) | not finished',
];
const PLANS: readonly (readonly [object, number])[] = [
  [{ particles: 2, runs: 1 }, 1],
  [{ particles: 2, runs: 1, essThreshold: 1.1 }, 2],
  [{ particles: 2, runs: 1, essThreshold: 0, remember: false }, 1],
  [{ particles: 1, runs: 2 }, 2],
  [{ particles: 2, runs: 1, essThreshold: 1.1, maxRejects: 1, resampling: 'multinomial' }, 1],
  [{ particles: 1, runs: 1, estimator: 'trace' }, 1],
  [{ particles: 1, runs: 1, estimator: 'geometric', maxRejects: 3 }, 1],
];

describe('every path of awrs', () => {
  it.each(PLANS.flatMap(([plan, draws]) => TOYS.map((p) => [plan, draws, p] as const)))(
    '%j, %i draws: %s',
    async (plan, draws, posterior) => {
      const t = await target(`${TOY}posterior = ${posterior}`);
      const traces = await enumerateTraces(
        (chooser) => weightedRunOf('awrs', t, plan, { draws, budget: Infinity }, chooser),
        { maxTraces: 300_000 },
      );
      for (const law of properWeightingLaws(traces, await gamma(t)))
        expect(law, JSON.stringify(law)).toMatchObject({ holds: true });
    },
  );
});

describe('awrs on posteriors with known answers', () => {
  const clean: string[] = [];

  it.each(CELLS)('%s: %s', async (file, posterior, answer) => {
    const t = await fixture(file, posterior);
    const work = run(t, { engine: 'awrs', draws: 1000, options: { runs: 200 }, seed: 'matrix' });
    if (answer.zeroMass) return void (await expect(work).rejects.toThrow(/P403|P600/));
    if (!awrsEngine.fitness(t).fits) return void (await expect(work).rejects.toThrow('P600'));
    const result = await work;
    if (result.diagnostics.verdict !== 'ok') {
      expect(result.warnings.map((w) => w.code)).toContain('P606');
      return;
    }
    clean.push(`${file}: ${posterior}`);
    gateAll(result, answer);
  });

  it('has a clean verdict on every posterior with an event', () => {
    expect(clean).toEqual(expect.arrayContaining(['hard: posterior', 'hybrid: posterior', 'markov6: A']));
  });
});

describe('the error of awrs', () => {
  it('on markov6 A with 100 particles is that of its published law at most', async () => {
    const t = await fixture('markov6', 'A');
    const { logZ } = answersOf('markov6').find(([name]) => name === 'A')![1];
    const rmse = async (options: object): Promise<number> => {
      let squares = 0;
      for (let i = 0; i < 200; i++) {
        const r = await run(t, { engine: 'awrs', draws: 0, seed: `rmse ${i}`, options: { runs: 1, ...options } });
        squares += (r.logZ!.value - logZ) ** 2;
      }
      return Math.sqrt(squares / 200);
    };
    // The published law's own error is 0.033, and 0.026 where verdicts are kept. Were they 0.0345 and 0.027, the mean of 200
    // squares would be above 1.55 of its expectation (χ² with 200 degrees of freedom) with probability 1e-6.
    expect(await rmse({ remember: false })).toBeLessThan(0.0345 * Math.sqrt(1.55));
    expect(await rmse({})).toBeLessThan(0.027 * Math.sqrt(1.55));
  });
});

describe('awrs', () => {
  const hard = `${PRIOR}nb = count("b")\nposterior = prior * exp(nb) | not contains("bb")`;

  /** The same target, as if the automata of its factors were too large. */
  const withoutMachines = (t: Target): Target => ({
    ...t,
    stages: t.stages.map((stage) => ({
      ...stage,
      factors: stage.factors.map((f) => ({ ...f, machine: () => ({ reason: 'it is too large' }) })),
    })),
  });

  it.each([
    ['prior * exp(nb)', (t: Target) => t, 'no factor is an event', 'smc'],
    ['prior | not contains("bb")', withoutMachines, 'has no automaton: it is too large', 'smc'],
  ])('refuses what it cannot test on prefixes: %s', async (posterior, change, reason, help) => {
    const t = change(await target(`${PRIOR}nb = count("b")\nposterior = ${posterior}`));
    const fit = awrsEngine.fitness(t);
    if (fit.fits) throw new Error('expected a refusal');
    expect(fit.reason).toContain(reason);
    expect(fit.diagnostic.help).toContain(help);
    await expect(run(t, { engine: 'awrs' })).rejects.toThrow('P600');
  });

  it('says that events leave no text together', async () => {
    const t = await target(`${PRIOR}posterior = prior | starts_with("a") | starts_with("b")`);
    await expect(run(t, { engine: 'awrs' })).rejects.toThrow('P403');
  });

  it('names the events where every particle is given up', async () => {
    const t = await target(
      `${PRIOR.replace('max_tokens = 3', 'max_tokens = 12')}posterior = prior | matches(r"(ba)*(ab)*") and length == 12`,
    );
    const work = run(t, { engine: 'awrs', options: { maxRejects: 1, particles: 2, runs: 1 }, seed: 'dead' });
    await expect(work).rejects.toThrow(/P604.*matches/s);
  });

  it.each([{ estimator: 'nonsense' }, { resampling: 'optimal' }, { maxRejects: 1.5 }, { particles: 0.5 }])(
    'refuses the options %j',
    async (options) => {
      await expect(run(await target(hard), { engine: 'awrs', options })).rejects.toThrow('P602');
    },
  );

  it('counts tests, and questions that were answered from earlier ones', async () => {
    const t = await target(hard);
    const one = async (options: object): Promise<Readonly<Record<string, number>>> =>
      (await run(t, { engine: 'awrs', draws: 0, seed: 'calls', options: { runs: 3, ...options } })).diagnostics.extra;
    const kept = await one({});
    const anew = await one({ remember: false });
    expect(anew['constraintQuestions']).toBe(anew['constraintCalls']);
    // A run cannot find out more than there is: positions × states × (two letters and the end).
    expect(kept['constraintCalls']).toBeLessThanOrEqual(3 * 3 * 3 * 3);
    expect(kept['constraintQuestions']).toBeGreaterThan(kept['constraintCalls']);
  });

  it('does chunks in any order, to the same effect and in a form that can be sent', async () => {
    const t = await target(hard);
    const chooser = seededChooser('chunks');
    const init = () => awrsEngine.init(t, awrsEngine.defaults, { draws: 10, budget: Infinity }, chooser);
    const [one, other] = [await init(), await init()];
    const forwards = [0, 1, 2].map((i) => awrsEngine.chunk!(one, i));
    const backwards = [2, 1, 0].map((i) => awrsEngine.chunk!(other, i)).reverse();
    expect(structuredClone(forwards)).toEqual(backwards);
  });

  it('draws tokens from a proposal and corrects them', async () => {
    const other = await target(
      'prior = bigram({ "^": { "a": 0.2, "b": 0.4, "$": 0.4 }, "a": { "a": 0.2, "b": 0.3, "$": 0.5 }, "b": { "a": 0.6, "b": 0.2, "$": 0.2 } }, max_tokens = 3)\nposterior = prior | finished',
    );
    const t = await target(hard);
    const chooser = seededChooser('proposal');
    const request = { draws: 0, budget: Infinity, proposal: other.prior };
    const state = await awrsEngine.init(t, { ...awrsEngine.defaults, runs: 200 }, request, chooser);
    while (!(await awrsEngine.step(state, chooser)).done);
    const exact = await run(t, { engine: 'exact', draws: 0 });
    gate('logZ', (await awrsEngine.finish(state)).logZ, exact.logZ!.value);
  });
});
