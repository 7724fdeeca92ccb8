import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, PostError } from 'postulate';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'post-api-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COIN =
  'param bias = 0 in [-5, 5]\nd = tabular({ "ab": 1, "b": 1 })\nna = count("a")\nposterior = d * exp(bias * na)\n';

const failure = async (act: () => unknown): Promise<PostError> => {
  try {
    await act();
  } catch (error) {
    if (error instanceof PostError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('load', () => {
  it('reads a file and gives params their values', async () => {
    const path = join(folder, 'coin.post');
    writeFileSync(path, COIN);
    const model = await load(path, { params: { bias: 2 } });
    expect(model.posteriors).toEqual(['posterior']);
    const result = await model.posterior().run({ engine: 'exact', n: 0 });
    const odds = Math.exp(2);
    expect(result.logZ?.value).toBeCloseTo(Math.log((odds + 1) / 2), 12);
    expect(result.expectations.na?.value).toBeCloseTo(odds / (1 + odds), 12);
  });

  it('throws one error with every diagnostic', async () => {
    const error = await failure(() => load.source('a = lenght\nb = chers\n'));
    expect(error.kind).toBe('model');
    expect(error.diagnostics.filter((d) => d.code === 'P100')).toHaveLength(2);
    expect((await failure(() => load(join(folder, 'nowhere.post')))).kind).toBe('outside');
    expect((await failure(() => load.source(COIN, { params: { bais: 1 } }))).code).toBe('P305');
  });

  it('resolves relative paths from the folder given', async () => {
    writeFileSync(join(folder, 'words.txt'), 'ab\n');
    const text = 'd = tabular({ "ab": 1, "b": 3 })\np = d | contains_any(wordlist("words.txt"))\n';
    const model = await load.source(text, { directory: folder });
    expect((await model.posterior('p').run({ engine: 'exact', n: 0 })).logZ?.value).toBeCloseTo(Math.log(0.25), 12);
  });

  it('refuses externs where they are not allowed', async () => {
    writeFileSync(join(folder, 'judge.mjs'), 'export const r = () => 0.5;\n');
    const text = 'extern score r from "./judge.mjs" in [0, 1]\np = tabular({ "a": 1, "b": 1 }) * exp(r)\n';
    const open = await load.source(text, { directory: folder });
    expect((await open.posterior().run({ engine: 'exact', n: 0 })).logZ?.value).toBeCloseTo(0.5, 12);
    const closed = await load.source(text, { directory: folder, allowExtern: false });
    expect((await failure(() => closed.posterior().run())).code).toBe('P506');
  });
});

describe('a posterior', () => {
  it('streams draws that its seed decides', async () => {
    const texts = async (seed: string) => {
      const found: string[] = [];
      const posterior = (await load.source(COIN)).posterior('posterior');
      for await (const draw of posterior.sample({ engine: 'rejection', n: 40, seed })) found.push(draw.text);
      return found;
    };
    expect(await texts('a')).toHaveLength(40);
    expect(await texts('a')).toEqual(await texts('a'));
    expect(await texts('a')).not.toEqual(await texts('b'));
  });

  it('gives the same draws to sample and to run', async () => {
    const posterior = (await load.source(COIN)).posterior();
    const streamed: string[] = [];
    for await (const draw of posterior.sample({ engine: 'exact', n: 25 })) streamed.push(draw.text);
    const told: string[] = [];
    const result = await posterior.run({
      engine: 'exact',
      n: 25,
      onDraws: (ds) => told.push(...ds.map((d) => d.text)),
    });
    expect(result.draws.map((d) => d.text)).toEqual(streamed);
    expect(told).toEqual(streamed);
  });

  it('can be left early and stopped by a signal', async () => {
    const rare = 'p = tabular({ "a": 1, "b": 99999 }) | contains("a")\n';
    const posterior = (await load.source(rare)).posterior();
    let seen = 0;
    for await (const draw of posterior.sample({ engine: 'rejection', n: 1e6 })) {
      expect(draw.text).toBe('a');
      if (++seen === 3) break;
    }
    expect(seen).toBe(3);
    const controller = new AbortController();
    const result = await posterior.run({
      engine: 'rejection',
      n: 1e6,
      signal: controller.signal,
      onDraws: () => controller.abort(),
    });
    expect(result.stopped).toBe(true);
    expect(result.draws.length).toBeGreaterThan(0);
    expect(result.draws.length).toBeLessThan(1e6);
    const stopped = async () => {
      for await (const draw of posterior.sample({ engine: 'rejection', n: 1e6, signal: AbortSignal.abort() }))
        return draw;
      return undefined;
    };
    await expect(stopped()).rejects.toMatchObject({ code: 'P902' });
  });

  it('reports progress', async () => {
    const phases: string[] = [];
    const posterior = (await load.source(COIN)).posterior();
    await posterior.run({ engine: 'rejection', n: 10, onProgress: (p) => phases.push(p.phase) });
    expect(phases.length).toBeGreaterThan(0);
  });

  it('has a hash of its meaning, not of its layout', async () => {
    const hash = async (text: string) => (await load.source(text)).posterior().graphHash;
    expect(await hash(COIN)).toBe(await hash(`// a comment\n${COIN.replaceAll('na', 'letters')}`));
    expect(await hash(COIN)).not.toBe(await hash(COIN.replace('"b": 1', '"b": 2')));
  });

  it('tells which engines can run it', async () => {
    const engines = await (await load.source(COIN)).posterior().engines();
    expect(engines.find((e) => e.name === 'exact')).toMatchObject({ fits: true, guarantee: 'exact' });
    expect(engines.every((e) => e.fits || (e.note ?? '') !== '')).toBe(true);
  });

  it('of a family runs once for each context', async () => {
    const text = 'context c in ["a", "b"]\np = tabular({ "ab": 1, "b": 2, "c": 1 }) | contains(c)\n';
    const posterior = (await load.source(text)).posterior();
    const results = await posterior.runAll({ engine: 'exact', n: 0 });
    expect(results.map((r) => [r.context, Math.round(Math.exp(r.logZ!.value) * 4)])).toEqual([
      ['a', 1],
      ['b', 3],
    ]);
    expect((await failure(() => posterior.run())).code).toBe('P901');
  });

  it('is chosen by name, or by being the only one', async () => {
    const two = 'd = tabular({ "a": 1, "b": 2 })\nx = d | contains("a")\ny = d | contains("b")\n';
    const model = await load.source(two);
    expect(model.posteriors).toEqual(['x', 'y']);
    expect((await failure(() => model.posterior())).code).toBe('P401');
    expect((await failure(() => model.posterior('z'))).code).toBe('P407');
    expect((await failure(async () => (await load.source('d = tabular({ "a": 1 })')).posterior())).code).toBe('P400');
  });
});
