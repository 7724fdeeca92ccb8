import { describe, expect, it } from 'vitest';
import { seededChooser } from '../../src/chooser/index.ts';
import { smcEngine } from '../../src/engines/smc/index.ts';
import { run, type Approximation, type Request, type Target } from '../../src/index.ts';
import { proposalExtension, priorExtension } from '../../src/smc/index.ts';
import { answersOf, fixture, target } from '../bind/support.ts';
import { asSession } from '../support/decoded.ts';
import { failure, plain } from '../support/outcome.ts';
import { particlesOf } from './support.ts';

const LONG =
  'prior = bigram({ "^": { "a": 0.5, "b": 0.5 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 12)\n';

async function drive(t: Target, request: Request, seed = 'drive'): Promise<Approximation> {
  const chooser = seededChooser(seed);
  const state = await smcEngine.init(t, { ...smcEngine.defaults, particles: 20, runs: 5 }, request, chooser);
  while (!(await smcEngine.step(state, chooser)).done);
  return smcEngine.finish(state);
}

describe('smc', () => {
  it('does chunks anywhere and in any order with the same result', async () => {
    const t = await target(`${LONG}posterior = prior * exp(distinct(1)) | count("ab") == 2`);
    const request = { draws: 30, budget: Infinity };
    const here = await drive(t, request);
    const elsewhere = await smcEngine.init(
      t,
      { ...smcEngine.defaults, particles: 20, runs: 5 },
      request,
      seededChooser('drive'),
    );
    const done: unknown[] = [];
    for (const k of [3, 0, 4, 2, 1]) done[k] = structuredClone(await smcEngine.chunk!(elsewhere, k));
    const there = await drive(t, { ...request, work: ({ index }) => done[index] });
    expect(plain(there.draws)).toEqual(plain(here.draws));
    expect(there.logZ).toEqual(here.logZ);
  });

  it('asks a model that answers later as it asks a table', async () => {
    const t = await target(`${LONG}posterior = prior * exp(distinct(1) + count("b"))`);
    const late = asSession(t, true);
    const r = await run(late, { engine: 'smc', draws: 0, options: { twist: 'prefix', particles: 50, runs: 200 } });
    const exact = await run(t, { engine: 'exact', draws: 0 });
    // Two-sided false alarm 2e-7.
    expect(Math.abs(r.logZ!.value - exact.logZ!.value) / r.logZ!.standardError!).toBeLessThan(5.2);
  });

  it('keeps to its budget and says so', async () => {
    const t = await target(`${LONG}posterior = prior * exp(count("b"))`);
    const r = await run(t, { engine: 'smc', draws: 10, budget: 1050, options: { twist: 'none' } });
    expect(r.diagnostics.modelCalls).toBe(1000);
    expect(r.warnings.map((w) => w.code)).toContain('P603');
    expect(r.draws).toHaveLength(10);
    const tiny = await run(t, { engine: 'smc', draws: 1, budget: 7, options: { twist: 'none' } });
    expect(tiny.diagnostics.modelCalls).toBe(7);
  });

  it('keeps what was run when it is stopped', async () => {
    const t = await target(`${LONG}posterior = prior * exp(count("b"))`);
    const control = new AbortController();
    const r = await run(t, {
      engine: 'smc',
      draws: 1000,
      signal: control.signal,
      onProgress: () => control.abort(),
    });
    expect(r.diagnostics.verdict).toContain('interrupted');
    expect(r.diagnostics.extra.runs).toBe(1);
    expect(r.draws.length).toBeGreaterThan(0);
  });

  it('names the factor and the prefix where everything dies', async () => {
    const t = await target(
      `${LONG}posterior = prior * exp(distinct(1)) | matches(r"(ba)*(ab)*bbbabb") and length == 12`,
    );
    const error = await failure(run(t, { engine: 'smc', draws: 5, options: { twist: 'none', runs: 3, particles: 5 } }));
    expect(error.code).toBe('P604');
    expect(error.message).toMatch(
      /all 3 runs of 5 particles died; the factor .*matches.* killed (\d+) of the \1 that died/,
    );
    expect(error.message).toMatch(/at "[ab]+"/);
  });

  it('counts a run that died as an estimate of 0', async () => {
    const { logZ } = answersOf('needle').find(([name]) => name === 'deadEnd')![1];
    const t = await fixture('needle', 'deadEnd');
    const r = await run(t, { engine: 'smc', draws: 0, options: { twist: 'none', particles: 2, runs: 3000 } });
    expect(r.diagnostics.extra.deadFraction).toBeGreaterThan(0.02);
    expect(Math.abs(r.logZ!.value - logZ) / r.logZ!.standardError!).toBeLessThan(5.2);
  });

  it('records the ancestry of the first run, or of every run', async () => {
    const t = await target(`${LONG}posterior = prior * exp(distinct(1) + 2 * count("b"))`);
    const options = { twist: 'prefix', particles: 30, runs: 4, essThreshold: 2 };
    const r = await run(t, { engine: 'smc', draws: 0, options });
    expect(r.details!.ancestry).toHaveLength(1);
    const all = await run(t, { engine: 'smc', draws: 0, options: { ...options, ancestry: true } });
    expect(all.details!.ancestry).toHaveLength(4);
    const [{ generations }] = all.details!.ancestry!;
    // Following the parents back from the last generation gives back a text that the weights were made from.
    expect(generations.length).toBeGreaterThan(3);
    generations.forEach((g, k) => {
      expect(g.parents).toHaveLength(30);
      if (k > 0 && !generations[k - 1].resampled) expect([...g.parents]).toEqual([...g.parents.keys()]);
    });
    expect(generations.slice(0, -1).every((g) => g.resampled)).toBe(true);
    expect(generations[generations.length - 1].resampled).toBe(false);
  });

  it('chains its runs by particle-independent Metropolis–Hastings', async () => {
    const t = await target(`${LONG}posterior = prior * exp(count("b"))`);
    const r = await run(t, {
      engine: 'smc',
      draws: 50,
      options: { pimh: true, twist: 'none', particles: 20, runs: 60 },
    });
    expect(r.draws).toHaveLength(50);
    expect(r.diagnostics.acceptanceRate).toBeGreaterThan(0.1);
    expect(r.diagnostics.acceptanceRate).toBeLessThan(1);
    expect(r.diagnostics.extra.runs).toBe(60);
  });

  it('refuses options that make no sense', async () => {
    const t = await target(`${LONG}posterior = prior * exp(count("b"))`);
    const code = async (options: Readonly<Record<string, unknown>>): Promise<string> =>
      (await failure(run(t, { engine: 'smc', options }))).code;
    expect(await code({ resampling: 'systemtic' })).toBe('P602');
    expect(await code({ twist: 'lookahed' })).toBe('P602');
    expect(await code({ particles: 2.5 })).toBe('P602');
    expect(await code({ resampling: 'optimal', expansion: 1 })).toBe('P602');
    expect(await code({ essThreshold: -1 })).toBe('P602');
    const opaque = await target(`${LONG}posterior = prior * exp(distinct(1))`);
    expect((await failure(run(opaque, { engine: 'smc', options: { twist: 'lookahead' } }))).code).toBe('P600');
  });

  it('proposes from the policy of another engine and corrects it', async () => {
    const t = await target(`${LONG}posterior = prior * exp(0.3 * distinct(1) + count("b"))`);
    const exact = await run(t, { engine: 'exact', draws: 0 });
    const other = await target(`${LONG}posterior = prior * exp(count("b"))`);
    const policy = await (
      await import('../../src/engines/exact/index.ts')
    ).exactEngine.policy!(
      other,
      (await import('../../src/engines/exact/index.ts')).exactEngine.defaults,
      seededChooser('policy'),
    );
    const spread = async (extension: ReturnType<typeof priorExtension>): Promise<number> => {
      let squares = 0;
      for (let i = 0; i < 50; i++) {
        const r = await particlesOf(t, extension, { particles: 50, essThreshold: 0 }, seededChooser(`p ${i}`));
        squares += (r.logZ - exact.logZ!.value) ** 2;
      }
      return Math.sqrt(squares / 50);
    };
    // A good proposal does better; a wrong ratio would leave a bias of the size of log Z, 3.6 nats.
    expect(await spread(proposalExtension(t.prior, policy))).toBeLessThan(
      0.5 * (await spread(priorExtension(t.prior))),
    );
  });
});
