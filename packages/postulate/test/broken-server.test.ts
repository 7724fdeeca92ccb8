import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LETTERS, proxy, serving } from '../../models/test/support/serving.ts';
import { load, type Result } from '../src/index.ts';
import { post, postJson, scratch } from './helpers/command.ts';

/** A program whose prior is a server that is gone after so many requests for texts, until `revive` is called. */
async function mortal(name: string, requests: number, source = 'posterior = prior | contains("a")') {
  const real = await serving(LETTERS(24), { maxLogprobs: -1 });
  let left = requests;
  const url = await proxy(
    real.url,
    (answer) => answer,
    (response, _nth, path) => {
      if (path !== '/v1/completions' || left-- > 0) return false;
      response.destroy();
      return true;
    },
  );
  const path = join(scratch, `${name}.post`);
  writeFileSync(path, `prior = lm("${url}", max_tokens = 5)\n${source}\nsize = length\n`);
  return { path, revive: () => void (left = Infinity) };
}

const dying = async (...of: Parameters<typeof mortal>): Promise<string> => (await mortal(...of)).path;

const REJECTION = ['--engine', 'rejection', '-n', '100000', '--option', 'batch=50', '--workers', '1'];
const GONE = /fails: .*\(5 tries\)/;

interface Document {
  readonly error: { readonly code: string; readonly message: string };
  readonly draws: readonly { readonly text: string }[];
  readonly contexts: readonly Document[];
  readonly logZ: { readonly value: number };
  readonly diagnostics: { readonly verdict: string; readonly ess: number };
}

async function brokenDocument(words: readonly string[]): Promise<Document> {
  const { code, document } = await postJson(['sample', ...words]);
  expect(code).toBe(3);
  return document as unknown as Document;
}

describe('a model server that dies in the middle of a run', { timeout: 60_000 }, () => {
  it('leaves the draws so far in the document, with the error', async () => {
    const found = await brokenDocument([await dying('json', 12), ...REJECTION]);
    expect(found.error).toMatchObject({ code: 'P530', message: expect.stringMatching(GONE) as string });
    expect(found.draws.length).toBeGreaterThan(20);
    expect(found.draws.every((d) => d.text.includes('a'))).toBe(true);
    expect(found.diagnostics.verdict).toMatch(/^broken off/);
    expect(found.logZ.value).toBeLessThan(0);
  });

  it('leaves what engines know that hand out their draws at the end', async () => {
    const words = ['--engine', 'importance', '-n', '30', '--option', 'proposals=100000', '--option', 'batch=50'];
    const found = await brokenDocument([await dying('importance', 12), ...words, '--workers', '1']);
    expect(found.error.code).toBe('P530');
    expect(found.draws.length).toBeGreaterThan(20);
    expect(found.diagnostics.ess).toBeGreaterThan(100);
  });

  it('leaves the contexts before, whole', async () => {
    const source = 'context c in ["a", "b", "c"]\nposterior = prior | contains(c)';
    const path = await dying('contexts', 24, source);
    const found = await brokenDocument([path, '--engine', 'rejection', '-n', '300', '--option', 'batch=50']);
    expect(found.error.code).toBe('P530');
    expect(found.contexts.length).toBeGreaterThan(1);
    expect(found.contexts.slice(0, -1).every((c) => c.draws.length === 300 && c.diagnostics.verdict === 'ok')).toBe(
      true,
    );
    expect(found.contexts.at(-1)!.diagnostics.verdict).toMatch(/^broken off/);
  });

  it('leaves them on the terminal, before the error', async () => {
    const { code, stdout, stderr } = await post(['sample', await dying('text', 12), ...REJECTION]);
    expect(code).toBe(3);
    expect(stdout.split('\n').filter((line) => /^[abc]+$/.test(line)).length).toBeGreaterThan(20);
    expect(stdout).toContain('broken off');
    expect(stderr).toMatch(GONE);
  });

  it('leaves them in the folder, with which the run goes on to the draws that it would have come to', async () => {
    const [folder, whole] = [join(scratch, 'run'), join(scratch, 'whole')];
    const { path, revive } = await mortal('folder', 12);
    const words = ['sample', path, '--engine', 'rejection', '-n', '900', '--option', 'batch=50', '--workers', '1'];
    const { code, stderr } = await post([...words, '--out', folder]);
    expect(code).toBe(3);
    expect(stderr).toContain(`--resume goes on with the run in ${folder}`);
    const drawsOf = (of: string): string => readFileSync(join(of, 'draws.jsonl'), 'utf8');
    const early = drawsOf(folder);
    expect(early.trim().split('\n').length).toBeGreaterThan(20);
    revive();
    expect((await post([...words, '--out', folder, '--resume'])).code).toBe(0);
    expect((await post([...words, '--out', whole])).code).toBe(0);
    expect(drawsOf(folder)).toBe(drawsOf(whole));
    expect(drawsOf(folder).startsWith(early)).toBe(true);
  });

  it('is a thrown error in a program, which is told the rest', async () => {
    const broken: Result[] = [];
    const run = (await load(await dying('api', 12)))
      .posterior()
      .run({ engine: 'rejection', n: 100_000, options: { batch: 50 }, onBroken: (result) => broken.push(result) });
    await expect(run).rejects.toMatchObject({ code: 'P530' });
    expect(broken).toMatchObject([{ stopped: true, posterior: 'posterior' }]);
    expect(broken[0].draws.length).toBeGreaterThan(20);
  });

  it('leaves nothing but the error where nothing was drawn', async () => {
    const found = await brokenDocument([await dying('none', 3), ...REJECTION]);
    expect(Object.keys(found)).toEqual(['error']);
  });
});
