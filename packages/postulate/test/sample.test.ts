import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtures, outcome, post, postJson, scratch, start } from './helpers/command.ts';

const file = (name: string, text: string) => {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
};

const hard = join(fixtures, 'hard.post');

interface Document {
  readonly posterior: string;
  readonly engine: string;
  readonly draws: readonly { text: string; tokens: string[]; finished: boolean }[];
  readonly support: readonly { text: string; probability: number }[] | null;
  readonly [key: string]: unknown;
}

async function sampled(words: readonly string[]): Promise<Document> {
  const { code, document, stderr } = await postJson(['sample', ...words]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return document as unknown as Document;
}

describe('the JSON document', () => {
  it('holds the warnings of the file', async () => {
    const path = file('equal.post', 'p = tabular({ "a": 1 })\nq = p * 2\n');
    const document = await sampled([path, '-n', '1']);
    expect(document.warnings).toMatchObject([{ code: 'P402', span: { line: 2, column: 1 } }]);
  });

  it('has exactly the fields of the language page', async () => {
    const document = await sampled([hard, '--engine', 'exact', '-n', '3']);
    const { unavailable: _, ...rest } = document;
    expect(Object.keys(rest)).toEqual([
      ...['posterior', 'engine', 'guarantee', 'seed', 'graphHash', 'logZ', 'entropy', 'klToPrior', 'lambda'],
      ...['diagnostics', 'expectations', 'support', 'draws', 'warnings'],
    ]);
    expect(document).toMatchObject({ posterior: 'posterior', engine: 'exact', guarantee: 'exact', seed: '0' });
    expect(document.logZ).toMatchObject({ standardError: 0, kind: 'exact' });
    expect(document.lambda).toBeNull();
    expect(document.diagnostics).toMatchObject({ paretoK: null, acceptanceRate: null, verdict: 'ok' });
    expect(Object.keys(document.expectations as object).sort()).toEqual(['nb', 'noBB', 'size']);
    expect(document.draws).toHaveLength(3);
    for (const draw of document.draws) {
      expect(Object.keys(draw)).toEqual(['text', 'tokens', 'finished', 'logPrior', 'logFactor', 'logWeight']);
      expect(draw.tokens.join('')).toBe(draw.text);
      expect(draw).toMatchObject({ logFactor: 0, logWeight: 0 });
    }
  });

  it('follows the seed, and only the seed', async () => {
    const texts = async (seed: string) => (await sampled([hard, '-n', '30', '--seed', seed])).draws.map((d) => d.text);
    const [a, again, b] = [await texts('a'), await texts('a'), await texts('b')];
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
  });

  it('asks for no draws with -n 0 and for chosen expectations with --expect', async () => {
    const document = await sampled([hard, '-n', '0', '--expect', 'size']);
    expect(document.draws).toEqual([]);
    expect(Object.keys(document.expectations as object)).toEqual(['size']);
  });

  it('is a family where the file has a context', async () => {
    const path = file(
      'family.post',
      'context c in ["a", "b"]\np = tabular({ "ab": 1, "b": 2, "c": 1 }) | contains(c)\n',
    );
    const { code, document } = await postJson(['sample', path, '-n', '2']);
    const contexts = (document as { contexts?: Document[] }).contexts;
    expect(code, JSON.stringify(document)).toBe(0);
    expect(contexts?.map((d) => [d.context, d.posterior])).toEqual([
      ['a', 'p'],
      ['b', 'p'],
    ]);
    expect(contexts![0].draws.every((d) => d.text === 'ab')).toBe(true);
  });
});

describe('what a person sees', () => {
  it('is a draw a line, then a summary', async () => {
    const { code, stdout } = await post(['sample', hard, '-n', '4']);
    expect(code).toBe(0);
    const [draws, summary] = stdout.split('\nposterior ');
    expect(draws.split('\n')).toHaveLength(4 + 1);
    for (const label of ['engine', 'log Z', 'entropy', 'KL to prior', 'expectations', 'verdict']) {
      expect(summary).toContain(label);
    }
    expect(stdout).not.toContain('\u001b');
  });

  it('has nothing but results with --quiet, and control characters are escaped', async () => {
    const path = file('control.post', 'p = tabular({ "a\\n\\u{1b}[31m": 1 }) | length == 1\n');
    const { code, stdout, stderr } = await post(['sample', path, '-n', '1', '--quiet']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')[0]).toBe('a\\n\\u{1b}[31m');
  });

  it('names the choice of auto and its reasons', async () => {
    const { stdout, stderr } = await post(['sample', hard, '-n', '1']);
    expect(stdout + stderr).toMatch(/exact/);
    expect(stdout + stderr).toMatch(/auto/);
  });
});

describe('exit 1: the run cannot be had', () => {
  it('refuses a posterior without mass, by every engine', async () => {
    const path = file('empty.post', 'p = tabular({ "a": 1, "b": 1 }) | contains("z")\n');
    for (const engine of ['exact', 'rejection', 'importance', 'auto']) {
      const { code, document } = await postJson(['sample', path, '--engine', engine, '--budget', '2000']);
      expect(code, engine).toBe(1);
      expect(document.error, engine).toMatchObject({ code: expect.stringMatching(/^P(403|60[34])$/) as string });
    }
  });

  it('says which moment is out of reach, and runs its neighbour', async () => {
    const text =
      'd = tabular({ "a": 1, "bb": 1 })\nn = chars\nx = d subject to { E(n) = 7 }\ny = d subject to { E(n) = 1.25 }\n';
    const path = file('reach.post', text);
    const out = await postJson(['sample', path, '--posterior', 'x']);
    expect(out.code).toBe(1);
    expect(out.document.error).toMatchObject({ code: 'P405' });
    expect((await post(['sample', path, '--posterior', 'y'])).code).toBe(0);
  });

  it('refuses rejection without a bound, and says what could run it', async () => {
    const path = file(
      'nobound.post',
      'p = tabular({ "a": 1, "b": 1 }) * exp(-log_prob(tabular({ "a": 1, "b": 3 })))\n',
    );
    const { code, stderr } = await post(['sample', path, '--engine', 'rejection']);
    expect(code).toBe(1);
    expect(stderr).toContain('P600');
  });

  it('asks for --posterior where there are several, and refuses a value out of range', async () => {
    const path = file(
      'several.post',
      'd = tabular({ "a": 1, "b": 2 })\nparam k = 1 in (0, 2)\nx = d | contains("a")\ny = d * exp(length / k)\n',
    );
    const several = await post(['sample', path]);
    expect(several.code).toBe(2);
    expect(several.stderr).toMatch(/--posterior.*x, y/s);
    const out = await post(['sample', path, '--posterior', 'y', '--set', 'k=3']);
    expect(out.code).toBe(1);
    expect(out.stderr).toContain('P300');
  });
});

describe('externs', () => {
  const module = (name: string, body: string) => file(name, body);
  const model = (name: string, what: string) =>
    file(name, `extern score r from "${what}" in [0, 1]\np = tabular({ "good": 1, "bad": 1 }) * exp(r)\n`);

  it('run in TypeScript, unless --no-extern', async () => {
    module('reward.ts', 'export const r = (text: string): number => (text === "good" ? 1 : 0);\n');
    const path = model('extern.post', './reward.ts');
    const document = await sampled([path, '-n', '0']);
    expect((document.logZ as { value: number }).value).toBeCloseTo(Math.log((Math.E + 1) / 2), 9);
    const refused = await post(['sample', path, '--no-extern']);
    expect(refused.stderr).toContain('P506');
    expect([1, 2]).toContain(refused.code);
    expect((await post(['check', path])).code).toBe(0);
  });

  it.each([
    ['throws.mjs', 'export const r = () => { throw new Error("no judge today"); };', 'P702'],
    ['nan.mjs', 'export const r = () => NaN;', 'P70'],
    ['range.mjs', 'export const r = (text) => (text === "bad" ? 7 : 0);', 'P701'],
  ])('that misbehave are errors naming the text: %s', async (name, body, code) => {
    module(name, `${body}\n`);
    const { code: exit, stderr } = await post(['sample', model(`${name}.post`, `./${name}`)]);
    expect(exit).not.toBe(0);
    expect(stderr).toContain(code);
    expect(stderr).toMatch(/good|bad/);
  });

  it('that are missing are errors too', async () => {
    const { code, stderr } = await post(['sample', model('missing.post', './nowhere.mjs')]);
    expect(code).toBe(3);
    expect(stderr).toContain('P505');
  });
});

describe('the outside world', () => {
  it('ends quietly when its reader goes away', async () => {
    const child = start(['sample', hard, '-n', '200000', '--quiet']);
    child.stdin?.end();
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { code, stderr } = await outcome(child);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('keeps what was drawn when interrupted: exit 130', async () => {
    const path = file('slow.post', 'p = tabular({ "a": 1, "b": 999999 }) | contains("a")\n');
    const child = start(['sample', path, '--engine', 'rejection', '-n', '1000000', '--json']);
    child.stdin?.end();
    setTimeout(() => child.kill('SIGINT'), 2500);
    const { code, stdout } = await outcome(child);
    expect(code).toBe(130);
    const document = JSON.parse(stdout) as Document;
    expect(document.draws.length).toBeGreaterThan(0);
    expect(document.draws.length).toBeLessThan(1_000_000);
    expect(document.draws.every((d) => d.text === 'a')).toBe(true);
  });

  it('stops at a time budget and says so', async () => {
    const path = file('slow2.post', 'p = tabular({ "a": 1, "b": 999999 }) | contains("a")\n');
    const { code, document } = await postJson([
      'sample',
      path,
      '--engine',
      'rejection',
      '-n',
      '1000000',
      '--budget',
      '1s',
    ]);
    expect(code).toBe(0);
    expect(document.warnings).toMatchObject([{ code: 'P603' }]);
  });

  it('writes a folder whole, and never over another', async () => {
    const folder = join(scratch, 'run');
    expect((await post(['sample', hard, '-n', '5', '--out', folder, '--quiet'])).code).toBe(0);
    const lines = readFileSync(join(folder, 'draws.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => typeof (JSON.parse(line) as { text: unknown }).text)).toEqual(Array(5).fill('string'));
    const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Document;
    expect(summary).toMatchObject({ posterior: 'posterior', draws: [] });
    expect(existsSync(join(scratch, '.draft'))).toBe(false);
    expect((await post(['sample', hard, '--out', folder])).code).toBe(2);
  });
});
