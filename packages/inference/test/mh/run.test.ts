import { describe, expect, it } from 'vitest';
import { mhEngine } from '../../src/engines/mh/index.ts';
import { run, seededChooser, type Approximation, type Target, type Work } from '../../src/index.ts';
import { fixture, PRIOR, target } from '../bind/support.ts';
import { failure, plain } from '../support/outcome.ts';
import { asSession } from '../support/decoded.ts';
import { begun } from './support.ts';

const soft = `${PRIOR}nb = count("b")\nposterior = prior * exp(nb)`;
const SHORT = { warmup: 20, thin: 2, steps: 60, batch: 25 };

/** Runs the engine's parts by hand, its chunks done by `work`. */
async function byHand(
  t: Target,
  work: ((index: number, input?: unknown) => unknown) | undefined,
  options: object = SHORT,
): Promise<Approximation> {
  const chooser = seededChooser('chunks');
  const there: Work | undefined = work && (({ index, input }) => work(index, input));
  const s = await begun(t, options, { draws: 30, work: there }, chooser);
  while (!(await mhEngine.step(s, chooser)).done);
  return mhEngine.finish(s);
}

describe('chunks', () => {
  it.each(['table', 'session'])('give the same anywhere and in any order: %s', async (kind) => {
    const table = await target(soft);
    const t = kind === 'table' ? table : asSession(table);
    const here = await byHand(t, undefined);
    const elsewhere = await begun(t, SHORT, { draws: 30 }, seededChooser('chunks'));
    const indices: number[] = [];
    const there = await byHand(t, async (index, input) => {
      indices.push(index);
      const sent = structuredClone(input);
      // The later a chain is asked for, the earlier it is done.
      await new Promise((resolve) => setTimeout(resolve, 6 * (4 - (index % 4))));
      return structuredClone(await mhEngine.chunk!(elsewhere, index, sent));
    });
    expect(indices).toEqual(Array.from({ length: kind === 'table' ? 4 * 4 : 4 }, (_, i) => i));
    expect(plain(there.draws)).toEqual(plain(here.draws));
    expect(there.expectations).toEqual(here.expectations);
    expect(there.details).toEqual(here.details);
  });

  it('of a model that answers later are those of one that answers at once', async () => {
    const t = await target(soft);
    const now = await byHand(asSession(t), undefined);
    const later = await byHand(asSession(t, true), undefined);
    expect(plain(later.draws)).toEqual(plain(now.draws));
  });
});

describe('draws of mh', () => {
  it.each([
    ['algebra', 'blend'],
    ['hybrid', 'posterior'],
    ['markov6', 'B'],
    ['tabular', 'both'],
  ])('know their own densities: %s %s', async (file, posterior) => {
    const t = await fixture(file, posterior);
    for (const version of t.prior.table ? [t, asSession(t)] : [t]) {
      const { draws } = await run(version, { engine: 'mh', draws: 50, options: SHORT });
      for (const d of draws) {
        const batch = {
          size: 1,
          tokens: d.tokens,
          offsets: Int32Array.of(0, d.tokens.length),
          finished: Uint8Array.of(d.finished ? 1 : 0),
        };
        expect(d.logPrior).toBeCloseTo((await t.prior.logProb(batch))[0], 10);
        expect(d.logFactor).toBeGreaterThan(-Infinity);
        expect(d.logWeight).toBe(0);
      }
    }
  });

  it('are as many as asked for, also where the option steps allows fewer, from each chain in turn', async () => {
    const t = await target(soft);
    const r = await run(t, { engine: 'mh', draws: 50, options: { chains: 3, warmup: 5, thin: 1, steps: 2 } });
    expect(r.draws).toHaveLength(50);
    // 17 steps of each chain, every one recorded and handed out.
    const series = r.details!.chains!.functionals.find((f) => f.name === 'length')!;
    r.draws.forEach((d, i) => expect(d.tokens.length).toBe(series.chains[i % 3][Math.floor(i / 3)]));
    expect(series.chains[0]).toHaveLength(17);
  });

  it('are far apart where the chains are longer', async () => {
    const t = await target(soft);
    const r = await run(t, { engine: 'mh', draws: 6, options: { chains: 2, warmup: 5, thin: 1, steps: 90 } });
    const series = r.details!.chains!.functionals.find((f) => f.name === 'log gamma')!;
    r.draws.forEach((d, i) =>
      expect(d.logPrior + d.logFactor).toBe(series.chains[i % 2][30 * (Math.floor(i / 2) + 1) - 1]),
    );
  });
});

describe('the figures of mh', () => {
  it('say what each chain did', async () => {
    const t = await target(soft);
    const r = await run(t, { engine: 'mh', draws: 0, seed: 'figures' });
    expect(r).toMatchObject({ kind: 'draws', guarantee: 'asymptotic', logZ: null, entropy: null, klToPrior: null });
    for (const figure of ['logZ', 'entropy', 'klToPrior']) expect(r.unavailable[figure]).toContain('smc');
    const { functionals, acceptance } = r.details!.chains!;
    expect(functionals.map((f) => f.name)).toEqual([
      'log gamma',
      'log prior',
      'length',
      'nb',
      'first token: "b"',
      'first token: "a"',
      'first token: none',
    ]);
    for (const f of functionals) {
      expect(f.chains).toHaveLength(4);
      for (const c of f.chains) expect(c).toHaveLength(1000);
      expect(f.rHat!).toBeLessThan(1.01);
      expect(f.bulkEss!).toBeGreaterThan(400);
    }
    expect(acceptance).toHaveLength(4);
    for (const a of acceptance) {
      expect(Object.keys(a)).toEqual(['independence', 'suffix']);
      // 800 moves of a chain, correlated: four standard deviations and more on either side of .4675.
      expect(Math.abs(a['independence'] - 0.4675)).toBeLessThan(0.12);
    }
    expect(r.diagnostics.verdict).toBe('ok');
    expect(r.diagnostics.ess).toBe(Math.min(...functionals.map((f) => f.bulkEss!)));
    expect(r.diagnostics.modelCalls).toBe(4 + 4 * 4500);
  });

  it('show no agreement where nothing moved', async () => {
    const one = 'prior = tabular({ "a": 1, "b": 2 })\nposterior = prior | contains("a")';
    const r = await run(await target(one), { engine: 'mh', draws: 4 });
    expect(r.diagnostics.verdict).toMatch(/^no chain ever moved: that is no evidence/);
    expect(r.diagnostics.ess).toBeNull();
    expect(r.warnings.map((w) => w.code)).toContain('P606');
    for (const f of r.details!.chains!.functionals) expect(f.rHat).toBeNull();
  });

  it('name the chains that are stuck', async () => {
    // A chain that finds the heavy text leaves it about once in e^30 moves; starts are light ones.
    const sticky = 'prior = tabular({ "a": 1, "b": 50, "c": 50 })\nposterior = prior * exp(30 * count("a"))';
    const r = await run(await target(sticky), {
      engine: 'mh',
      draws: 4,
      seed: '1',
      options: { warmup: 100, steps: 200 },
    });
    expect(r.diagnostics.verdict).toMatch(/^chains? [\d, ]+ never moved: do not trust it/);
    expect(r.diagnostics.extra['stuckChains']).toBeGreaterThan(0);
    expect(r.expectations).toEqual({});
  });

  it('say that chains disagree, that they are too short, and that one chain proves nothing', async () => {
    const t = await target(soft);
    const short = await run(t, { engine: 'mh', draws: 0, options: { warmup: 10, thin: 1, steps: 40 } });
    expect(short.diagnostics.verdict).toMatch(/R-hat|effective sample size/);
    expect(short.diagnostics.verdict).toContain('raise the option steps');
    const few = await run(t, { engine: 'mh', draws: 0, options: { warmup: 10, thin: 25, steps: 2500 } });
    expect(few.diagnostics.verdict).not.toBe('ok');
    const alone = await run(t, { engine: 'mh', draws: 0, options: { chains: 1 } });
    expect(alone.diagnostics.verdict).toContain('one chain');
  });
});

describe('chains whose verdict is not ok', () => {
  const long = (options: object = {}, budget = 1e6) =>
    fixture('markov6', 'B').then((t) => run(t, { engine: 'mh', draws: 40, seed: 'long', budget, options }));

  it('go on to twice their length, until it is', async () => {
    const once = await long({ extend: 1 });
    expect(once.diagnostics.verdict).toContain('R-hat');
    expect(once.diagnostics.extra['steps']).toBe(4000);
    const more = await long();
    expect(more.diagnostics.verdict).toBe('ok');
    expect([8000, 16_000, 32_000]).toContain(more.diagnostics.extra['steps']);
    // They go on where they were, and the draws are spread over all of it.
    const [a, b] = [once, more].map((r) => r.details!.chains!.functionals[0].chains);
    b.forEach((chain, c) => expect(chain.slice(0, 1000)).toEqual(a[c]));
    expect(new Set(b.map((chain) => chain.length))).toEqual(new Set([more.diagnostics.extra['steps'] / 4]));
    const every = b[0].length / 10;
    more.draws.forEach((d, i) => expect(d.logPrior + d.logFactor).toBe(b[i % 4][every * (Math.floor(i / 4) + 1) - 1]));
  });

  it('do not where the option steps says how long they are, nor past the limit or the budget', async () => {
    expect((await long({ steps: 4000 })).diagnostics.extra['steps']).toBe(4000);
    const twice = await long({ extend: 2, thin: 1 });
    expect(twice.diagnostics.extra['steps']).toBe(2000);
    expect(twice.draws).toHaveLength(40);
    const poor = await long({}, 22_000);
    expect(poor.diagnostics.modelCalls).toBeLessThanOrEqual(22_000);
    expect(poor.diagnostics.extra['steps']).toBeGreaterThan(4900);
    expect(poor.draws).toHaveLength(40);
  });

  it('draw each segment from randomness of its own, also where the last one was cut', async () => {
    const t = await fixture('markov6', 'B');
    const indices: number[] = [];
    const s = await begun(t, { batch: 300, thin: 1, extend: 4 }, { draws: 8 }, seededChooser('segments'));
    const work: Work = ({ index, input }) => {
      indices.push(index);
      return mhEngine.chunk!(s, index, input);
    };
    const watched = { ...s, request: { ...s.request, work } };
    while (!(await mhEngine.step(watched, seededChooser('segments'))).done);
    expect(watched.taken).toBeGreaterThan(1500);
    expect(new Set(indices).size).toBe(indices.length);
  });

  it('hand out what they have when they are stopped on the way', async () => {
    const control = new AbortController();
    const stopped = await run(await fixture('markov6', 'B'), {
      ...{ engine: 'mh', draws: 40, seed: 'long', signal: control.signal },
      onProgress: (p) => p.draws >= 20 && control.abort(),
    });
    expect(stopped.diagnostics.verdict).toContain('interrupted');
    expect(stopped.draws).toHaveLength(40);
  });
});

describe('mh and its limits', () => {
  const rare = 'prior = tabular({ "a": 1, "b": 3000 })\nposterior = prior * exp(distinct(1)) | contains("a")';

  it('names the factor that killed every start, and what has no mass', async () => {
    const error = await failure(run(await target(rare), { engine: 'mh', options: { starts: 50 }, seed: '0' }));
    expect(error.code).toBe('P604');
    expect(error.message).toContain('all 50 texts tried as starts of chains');
    expect(error.message).toContain('the factor indicator(contains("a")) rejected 50 of them');
    const empty = await failure(run(await fixture('needle', 'empty'), { engine: 'mh' }));
    expect(empty.code).toBe('P403');
  });

  it('shares starts where few are found, and says so', async () => {
    const shared =
      'prior = tabular({ "ab": 1, "aab": 1, "b": 400 })\nposterior = prior * exp(distinct(1)) | contains("a")';
    const t = await target(shared);
    const options = { starts: 300, independence: 1, steps: 4000, thin: 1 };
    const r = await run(t, { engine: 'mh', draws: 4, options, seed: '3' });
    expect(r.diagnostics.verdict).toMatch(/4 chains share [123] starts|never moved/);
  });

  it('keeps to its budget', async () => {
    const t = await target(soft);
    const r = await run(t, { engine: 'mh', draws: 100, budget: 3004, options: { warmup: 150, thin: 1 } });
    expect(r.diagnostics.modelCalls).toBe(3004);
    expect(r.diagnostics.extra['steps']).toBe(600);
    expect(r.draws).toHaveLength(60);
    expect(r.warnings.map((w) => w.code)).toContain('P603');
    const none = await failure(run(t, { engine: 'mh', draws: 5, budget: 100 }));
    expect(none.code).toBe('P603');
    expect(none.diagnostics[0].help).toContain('warmup');
  });

  it('keeps what it has when it is stopped, and claims nothing before', async () => {
    const t = await target(soft);
    const stop = async (when: (draws: number) => boolean): Promise<Approximation> => {
      const control = new AbortController();
      return run(t, {
        engine: 'mh',
        draws: 100_000,
        options: { batch: 50, warmup: 200, thin: 1, steps: 25_000 },
        signal: control.signal,
        onDraws: () => control.abort(),
        onProgress: (p) => when(p.draws) && control.abort(),
      });
    };
    const early = await stop(() => true);
    expect(early.draws).toHaveLength(0);
    expect(early.diagnostics.verdict).toContain('still warming up');
    expect(early.expectations).toEqual({ nb: null });
    expect(early.unavailable['nb']).toContain('warming up');
    const later = await stop((n) => n > 0);
    expect(later.diagnostics.verdict).toContain('interrupted');
    expect(later.draws.length).toBe(200);
    expect(later.expectations['nb']).not.toBeNull();
  });

  it('refuses options that make no sense', async () => {
    const t = await target(soft);
    for (const options of [{ chains: 1.5 }, { thin: 0.5 }, { independence: 1.5 }, { proposal: 'importance' }]) {
      expect((await failure(run(t, { engine: 'mh', options }))).code).toBe('P602');
    }
  });
});
