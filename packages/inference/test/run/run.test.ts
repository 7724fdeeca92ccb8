import { describe, expect, it } from 'vitest';
import {
  engineNamed,
  engines,
  run,
  runAll,
  stream,
  type Approximation,
  type Draw,
  type RunOptions,
} from '../../src/index.ts';
import { bindAll, PRIOR, target } from '../bind/support.ts';
import { failure, plain } from '../support/outcome.ts';

const soft = `${PRIOR}nb = count("b")\nposterior = prior * exp(nb)`;
/** What every engine can run: awrs needs an event. */
const hybrid = `${soft} | not contains("bb")`;
/** What a reverse divergence can be trained on. */
const SOFT_ONLY = ['kl-rl', 'trajectory-balance', 'dpo'];
/** A table has no hidden states for pplm, no policy is given here, and rl comes to one text whatever the seed. */
const NEEDS_MORE = ['pplm', 'policy', 'rl'];
const needle = `${PRIOR.replace('max_tokens = 3', 'max_tokens = 12')}posterior = prior * exp(distinct(1)) | matches(r"(ba)*(ab)*") and length == 12`;

describe('every engine', () => {
  it.each(engines.map((e) => e.name).filter((n) => !NEEDS_MORE.includes(n)))(
    '%s keeps the contract',
    async (engine) => {
      const t = await target(SOFT_ONLY.includes(engine) ? soft : hybrid);
      const e = engineNamed(engine);
      expect(Object.keys(e.optionHelp).sort()).toEqual(Object.keys(e.defaults).sort());
      expect(e.fitness(t)).toMatchObject({ fits: true });

      const drawn: Draw[] = [];
      const seen: number[] = [];
      const options: RunOptions = { engine, draws: 40, seed: 'contract' };
      const result = await run(t, {
        ...options,
        onDraws: (d) => drawn.push(...d),
        onProgress: (p) => seen.push(p.draws),
      });
      expect(result.draws).toHaveLength(40);
      expect(plain(drawn)).toEqual(plain(result.draws));
      expect(seen.length).toBeGreaterThan(0);
      expect(plain((await run(t, options)).draws)).toEqual(plain(result.draws));
      expect(plain((await run(t, { ...options, seed: 'other' })).draws)).not.toEqual(plain(result.draws));

      const streamed: Draw[] = [];
      for await (const d of stream(t, options)) streamed.push(d);
      expect(plain(streamed)).toEqual(plain(result.draws));

      const figures = await run(t, { engine, draws: 0 });
      expect(figures.draws).toHaveLength(0);
      // An engine that does not know Z says why.
      if (figures.logZ === null) expect(figures.unavailable['logZ']).toBeTruthy();
      else expect(Number.isFinite(figures.logZ.value)).toBe(true);
      expect(Object.keys(figures.expectations)).toEqual(['nb']);

      const unknown = await failure(run(t, { engine, options: { nonsense: 1 } }));
      expect(unknown.code).toBe('P602');
      for (const d of result.draws) {
        const b = [...d.tokens].filter((w) => t.prior.vocabulary.tokens[w] === 'b').length;
        expect(d.logFactor).toBeCloseTo(b, 10);
      }
    },
  );

  it('is known by name', () => {
    expect(() => engineNamed('rejction')).toThrow(/P601.*did you mean "rejection"/);
  });
});

describe('options', () => {
  it('are read from text and checked', async () => {
    const t = await target(soft);
    const r = await run(t, { engine: 'importance', options: { proposals: '150', resample: 'false' }, draws: 5 });
    expect(r.draws).toHaveLength(150);
    expect(r.draws.some((d) => d.logWeight !== 0)).toBe(true);
    const wrong = await failure(run(t, { engine: 'rejection', options: { bach: 3 } }));
    expect(wrong.message).toContain('did you mean "batch"?');
    expect(wrong.kind).toBe('usage');
    expect((await failure(run(t, { engine: 'rejection', options: { batch: 0 } }))).message).toContain(
      'a positive number',
    );
    expect((await failure(run(t, { engine: 'importance', options: { smooth: 'yes' } }))).message).toContain(
      'true or false',
    );
    expect((await failure(run(t, { draws: -1 }))).code).toBe('P901');
    expect((await failure(run(t, { budget: 0 }))).code).toBe('P901');
  });
});

describe('a run that is stopped', () => {
  const stopped = async (engine: string): Promise<Approximation> => {
    const t = await target(soft);
    const control = new AbortController();
    return run(t, {
      engine,
      draws: 1_000_000,
      options: { batch: 64 },
      signal: control.signal,
      onProgress: () => control.abort(),
    });
  };

  it.each(['rejection', 'importance'])('%s keeps what was drawn', async (engine) => {
    const r = await stopped(engine);
    expect(r.diagnostics.verdict).toContain('interrupted');
    expect(r.diagnostics.modelCalls).toBe(64);
    expect(r.diagnostics.verdict).not.toContain('budget');
    if (engine === 'rejection') expect(r.draws.length).toBeGreaterThan(0);
  });

  it('within its budget says how far it came, and never falls back to the prior', async () => {
    const t = await target(soft);
    const r = await run(t, { engine: 'rejection', draws: 500, budget: 600 });
    expect(r.draws.length).toBeLessThan(500);
    expect(r.diagnostics.verdict).toMatch(/^budget spent after \d+ of 500 draws/);
    expect(r.warnings.map((w) => w.code)).toContain('P603');
    expect(r.diagnostics.modelCalls).toBe(600);
    const none = await failure(run(await target(needle), { engine: 'rejection', draws: 5, budget: 100 }));
    expect(none.code).toBe('P603');
    const dead = await failure(run(await target(needle), { engine: 'importance', draws: 5 }));
    expect(dead.code).toBe('P604');
    expect(dead.message).toContain('matches');
  });
});

describe('a sample that shows one value only', () => {
  const rare = 'prior = tabular({ "a": 1, "b": 100000 })\nposterior = prior | contains("b")';

  // Half of Wilson's interval at one standard deviation; rejection counts two more rejected trials for its log Z.
  it.each([
    ['rejection', Math.sqrt(2 / 102 / 98.5)],
    ['importance', 1 / 202],
  ])('%s does not take it for certain', async (engine, error) => {
    const r = await run(await target(rare), {
      engine,
      draws: 100,
      options: engine === 'importance' ? { proposals: 100 } : {},
    });
    expect(r.logZ!.value).toBe(0);
    for (const e of [r.logZ, r.klToPrior]) expect(e!.standardError).toBeCloseTo(error, 12);
    expect(r.entropy!.standardError).toBeGreaterThan(1 / 203);
  });

  it.each(['rejection', 'importance'])('%s knows that the prior itself rejects nothing', async (engine) => {
    const r = await run(await target(rare, 'prior'), { engine, draws: 100 });
    expect(r.logZ).toMatchObject({ value: 0, standardError: 0 });
  });

  it('has no entropy below 0 by rounding', async () => {
    const certain = 'prior = tabular({ "a": 1, "b": 2 })\nposterior = prior | contains("a")';
    for (const method of ['dp', 'enumerate']) {
      const r = await run(await target(certain), { engine: 'exact', options: { method } });
      expect(r.entropy!.value).toBeGreaterThanOrEqual(0);
      expect(r.entropy!.value).toBeLessThan(1e-15);
    }
  });
});

describe('refusals', () => {
  it('name the factor without a bound and what could run instead', async () => {
    // A mixture has no automaton, and its density no bound from below.
    const mixed = `${PRIOR}blend = mixture(prior, prior, weights = [1, 2])\nposterior = prior * exp(-log_prob(blend))`;
    const fit = engineNamed('rejection').fitness(await target(mixed));
    expect(fit.fits).toBe(false);
    if (fit.fits) return;
    expect(fit.diagnostic.code).toBe('P600');
    expect(fit.reason).toContain('exp(-log_prob(blend)) has none');
    expect(fit.diagnostic.help).toContain('importance');
    expect((await failure(run(await target(mixed), { engine: 'rejection' }))).code).toBe('P600');
  });

  it('do not stand where the prior itself bounds the factor', async () => {
    expect(engineNamed('rejection').fitness(await target(`${PRIOR}posterior = prior ^ 0.5`))).toMatchObject({
      fits: true,
    });
  });
});

describe('a run without a budget', () => {
  it('gives up where going on is hopeless, and keeps what it has', async () => {
    const rare = 'prior = tabular({ "a": 1, "b": 1e9 })\nposterior = prior * exp(distinct(1)) | contains("a")';
    const options = { engine: 'rejection', draws: 3, options: { patience: 5000, removeDead: false } };
    const none = await failure(run(await target(rare), options));
    expect(none.code).toBe('P603');
    expect(none.diagnostics[0].help).toContain('patience');
    const few = await run(await target(rare.replace('1e9', '2000')), { ...options, draws: 1000 });
    expect(few.diagnostics.verdict).toContain('given up after');
    expect(few.draws.length).toBeGreaterThan(0);
  });
});

describe('weights that a double cannot hold beside each other', () => {
  it.each([1000, -1000])('are no reason to call a posterior empty: %d nats a token', async (k) => {
    const t = await target(`prior = tabular({ "a": 1, "b": 1 })\nposterior = prior * exp(${k} * chars)`);
    const { logZ, entropy } = await run(t, { engine: 'exact', draws: 3 });
    expect(logZ!.value).toBeCloseTo(k, 9);
    expect(entropy!.value).toBeCloseTo(Math.log(2), 9);
  });

  it('are not dropped where another factor makes up for them later', async () => {
    const rows = '{ "^": { "a": 0.5, "b": 0.5 }, "a": { "c": 1 }, "b": { "d": 1 }, "c": { "$": 1 }, "d": { "$": 1 } }';
    const t = await target(
      `prior = bigram(${rows}, max_tokens = 4)\nhasB = contains("b")\nposterior = prior * exp(1000 * (count("b") + count("c")))`,
    );
    const { logZ, expectations } = await run(t, { engine: 'exact', draws: 0 });
    expect(logZ!.value).toBeCloseTo(1000, 9);
    expect(expectations.hasB!.value).toBeCloseTo(0.5, 9);
  });

  it('is still empty where it is', async () => {
    const program = 'prior = tabular({ "a": 1 })\nposterior = prior * exp(1000 * chars) | contains("b")';
    expect((await failure(run(await target(program), { engine: 'exact' }))).code).toBe('P403');
  });
});

describe('families', () => {
  it('says which member of a family failed', async () => {
    const family = await bindAll(`context c in ["a", "z"]\n${PRIOR}posterior = prior | contains(c)`);
    const error = await failure(runAll(family, { engine: 'exact' }));
    expect(error.code).toBe('P403');
    expect(error.diagnostics[0].message).toMatch(/^in the context c = "z": /);
    const wrong = await failure(runAll(family, { engine: 'exact', options: { nonsense: 1 } }));
    expect(wrong.diagnostics[0].message).not.toContain('context');
  });

  it('run with independent randomness for each context', async () => {
    const family = await bindAll(`context c in ["a", "b"]\n${PRIOR}r = 0 * count(c)\nposterior = prior * exp(r)`);
    const results = await runAll(family, { engine: 'rejection', draws: 30 });
    expect(results).toHaveLength(2);
    expect(plain(results[0].draws)).not.toEqual(plain(results[1].draws));
  });
});
