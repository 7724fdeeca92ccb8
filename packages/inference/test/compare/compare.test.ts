import { describe, expect, it } from 'vitest';
import { compareEngines, run, type ComparedRun } from '../../src/index.ts';
import { histogramDistance } from '../../src/compare/histogram.ts';
import { tightestBounds } from '../../src/compare/bounds.ts';
import { agreementWith } from '../../src/compare/agreement.ts';
import { answersOf, fixture, target } from '../bind/support.ts';

const rowOf = (rows: readonly { engine: string }[], name: string): ComparedRun =>
  rows.find((r) => r.engine === name) as ComparedRun;

describe('a comparison', () => {
  it('sets engines beside the prior and the exact answer', async () => {
    const answer = answersOf('soft').find(([name]) => name === 'posterior')![1];
    const t = await fixture('soft', 'posterior');
    const c = await compareEngines(t, { engines: ['exact', 'rejection', 'importance'], draws: 500, seed: 'compare' });
    expect(c.reference).toMatchObject({ engine: 'exact', exact: true });
    expect(c.reference!.logZ!.value).toBeCloseTo(answer.logZ, 9);
    expect(c.prior.how).toBe('exact');
    for (const [name, value] of Object.entries(answer.expectations)) {
      expect(c.reference!.expectations[name]!.value).toBeCloseTo(value, 9);
    }
    const rejection = rowOf(c.engines, 'rejection');
    expect(rejection.divergences).toMatchObject({ tv: { value: 0, standardError: 0 } });
    // Five figures of a sound engine: the largest is beyond 6 standard errors less than once in 10⁷ runs.
    for (const name of ['rejection', 'importance']) expect(rowOf(c.engines, name).agreement!.worst).toBeLessThan(6);
    expect(rejection.cost.factorCalls).toBeGreaterThanOrEqual(500);
    expect(rejection.histogram!.tv).toBeLessThan(5 * rejection.histogram!.ofExactDraws);
  });

  it('asks an engine whether it fits with the options that it is given', async () => {
    const t = await fixture('soft', 'posterior');
    const hard = await target(
      'prior = bigram({ "^": { "a": 0.5, "b": 0.5 }, "a": { "a": 0.5, "b": 0.3, "$": 0.2 }, "b": { "b": 0.5, "$": 0.5 } }, max_tokens = 3)\nposterior = prior | not contains("bb")',
    );
    const brief = { steps: 5, batch: 16, samples: 100 };
    const asked = (options: object) =>
      compareEngines(hard, { engines: ['kl-rl'], draws: 10, options: { 'kl-rl': { ...brief, ...options } } });
    expect((await asked({})).engines[0]).toMatchObject({ kind: 'refused', code: 'P600' });
    expect((await asked({ guide: 'states' })).engines[0]).toMatchObject({
      engine: 'kl-rl',
      result: { engine: 'kl-rl' },
    });
    await expect(compareEngines(t, { engines: ['smc'], options: { smc: { partikles: 1 } } })).rejects.toThrow('P602');
    const proposed = { proposal: 'kl-rl', 'proposal.guide': 'states', 'proposal.steps': 5, 'proposal.batch': 16 };
    expect((await run(hard, { engine: 'importance', options: proposed, draws: 10 })).draws).toHaveLength(10);
  });

  it('keeps a line for engines that refuse or fail', async () => {
    const t = await fixture('needle', 'posterior');
    const c = await compareEngines(t, { engines: ['importance', 'exact'], draws: 50 });
    expect(c.engines[0]).toMatchObject({ kind: 'failed', code: 'P604' });
    const open = await target(
      'prior = bigram({ "^": { "a": 0.5, "$": 0.5 }, "a": { "$": 1 } }, max_tokens = 4)\np = prior * exp(log_prob(prior) * -1)\n',
    );
    const refused = await compareEngines(open, { engines: ['rejection', 'exact'], draws: 10 });
    expect(refused.engines[0]).toMatchObject({ kind: 'refused', code: 'P600' });
    expect(refused.reference!.exact).toBe(true);
  });

  it('shows a sampler that is off by many standard errors', () => {
    const figures = { logZ: { value: -1, standardError: 0 }, entropy: null, klToPrior: null, expectations: {} };
    const result = { logZ: { value: -0.9, standardError: 0.01, kind: 'unbiased' }, expectations: {} };
    expect(agreementWith(figures, result as never)).toEqual({ worst: expect.closeTo(10, 9) as number, of: 'log Z' });
  });

  it('keeps the tightest bounds on log Z', () => {
    const of = (lower: number | null, upper: number | null) => {
      const side = (value: number | null) => (value === null ? null : { value, standardError: 0.1 });
      return { details: { bounds: { lower: side(lower), upper: side(upper) } } } as never;
    };
    expect(tightestBounds([])).toBeNull();
    expect(tightestBounds([{} as never])).toBeNull();
    expect(tightestBounds([of(-17, null), of(-1, 3), of(null, 2), of(-5, 4)])).toEqual({
      lower: { value: -1, standardError: 0.1 },
      upper: { value: 2, standardError: 0.1 },
    });
    expect(tightestBounds([of(-17, null)])!.upper).toBeNull();
  });

  it('does not judge a mean of draws that all gave one value', () => {
    const mean = (value: number) => ({
      logZ: null,
      entropy: null,
      klToPrior: null,
      expectations: { n: { value, standardError: 0 } },
    });
    const drawn = { ...mean(1), guarantee: 'exact draws' };
    expect(agreementWith(mean(1.00066), drawn as never)).toBeNull();
    expect(agreementWith(mean(1.00066), { ...drawn, guarantee: 'exact' } as never)).toEqual({
      worst: Infinity,
      of: 'n',
    });
  });

  it('measures a histogram against a listed posterior', async () => {
    const t = await target('prior = tabular({ "a": 1, "b": 1 })\np = prior * 1\n');
    const draw = { tokens: Int32Array.of(0), finished: true, logPrior: 0, logFactor: 0, logWeight: 0 };
    const support = [
      { text: 'a', probability: 0.5 },
      { text: 'b', probability: 0.5 },
    ];
    const found = histogramDistance([draw, draw], support, t)!;
    expect(found.tv).toBeCloseTo(0.5, 12);
    expect(found.ofExactDraws).toBeCloseTo(2 * Math.sqrt(0.25 / (4 * Math.PI)), 12);
  });
});
