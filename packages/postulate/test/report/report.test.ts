import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { beforeAll, describe, expect, it } from 'vitest';
import { scratch } from '../helpers/command.ts';
import { fixtures, inProcess, inProcessJson } from '../helpers/in-process.ts';

const soft = join(fixtures, 'soft.post');
const family = join(scratch, 'family.post');
const out = join(scratch, 'page.html');

const ROWS = '{ "^": { "a": 0.6, "b": 0.4 }, "a": { "b": 0.5, "$": 0.5 }, "b": { "a": 0.5, "$": 0.5 } }';
writeFileSync(
  family,
  `context c in ["a", "b"]\nprior = bigram(${ROWS}, max_tokens = 6)\np = prior | starts_with(c)\nsize = length\n`,
);

async function kept(name: string, words: readonly string[]): Promise<string> {
  const folder = join(scratch, name);
  rmSync(folder, { recursive: true, force: true });
  const { code, stderr } = await inProcess(['sample', ...words, '--out', folder, '-q']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return folder;
}

async function page(...folders: readonly string[]) {
  const result = await inProcessJson(['report', ...folders, '--out', out]);
  const text = result.code === 0 ? readFileSync(out, 'utf8') : '';
  return { ...result, text, document: result.document as unknown as Said, html: parseHTML(text).document };
}

interface Said {
  readonly notes: readonly string[];
  readonly groups: readonly {
    readonly heading: string;
    readonly runs: readonly { readonly label: string; readonly verdict: string; readonly draws: number }[];
  }[];
}

const labels = (said: Said): unknown => said.groups.map((g) => [g.heading, ...g.runs.map((r) => r.label)]);

let runs: Readonly<Record<'exact' | 'smc' | 'importance' | 'mh' | 'family', string>>;
beforeAll(async () => {
  runs = {
    exact: await kept('exact', [soft, '--engine', 'exact', '-n', '30']),
    smc: await kept('smc', [soft, '--engine', 'smc', '-n', '30', '--option', 'particles=20']),
    importance: await kept('importance', [soft, '--engine', 'importance', '-n', '30']),
    mh: await kept('mh', [soft, '--engine', 'mh', '-n', '30']),
    family: await kept('family', [family, '--engine', 'exact', '-n', '25']),
  };
}, 60_000);

describe('post report', () => {
  it('shows runs of one distribution side by side', async () => {
    const { code, document, text, html } = await page(runs.exact, runs.smc, runs.importance, runs.mh);
    expect(code).toBe(0);
    expect(document.notes).toEqual([]);
    expect(labels(document)).toEqual([['', 'exact', 'smc', 'importance', 'mh']]);
    const ids = [...html.querySelectorAll('section')].map((s) => s.id);
    for (const id of ['overview', 'samples', 'expectations', 'evidence', 'weights', 'chains', 'ancestry']) {
      expect(ids).toContain(id);
    }
    // The lineages name the tokens and not their numbers.
    const summary = JSON.parse(readFileSync(join(runs.smc, 'details.json'), 'utf8')) as {
      readonly members: readonly { readonly names: { readonly tokens: Record<string, string> } }[];
    };
    const tokens = Object.values(summary.members[0].names.tokens);
    expect(tokens.length).toBeGreaterThan(0);
    const written = [...html.querySelectorAll('#ancestry svg text')].map((t) => t.textContent);
    expect(written.filter((t) => tokens.includes(t)).length).toBeGreaterThan(3);
    expect(text).toContain('20 of 30 draws');
    expect(text).toContain('1.43372');
  });

  it('can be read without a screen, a mouse or a network', async () => {
    const { html, text } = await page(runs.smc, runs.importance, runs.mh);
    expect(html.querySelectorAll('script, link, iframe, img')).toHaveLength(0);
    expect(text).not.toMatch(/(src|href)="(?!#)|url\(/);
    expect(html.querySelector('a.skip')?.getAttribute('href')).toBe('#main');
    for (const scroll of html.querySelectorAll('.scroll, pre')) expect(scroll.getAttribute('tabindex')).toBe('0');
    for (const figure of html.querySelectorAll('figure')) {
      expect(figure.querySelector('[role=img]')?.getAttribute('aria-label')).toBeTruthy();
      const told = figure.querySelector('table') ?? figure.closest('section')?.querySelector('ul.tree');
      expect(told, figure.textContent).toBeTruthy();
    }
    for (const summary of html.querySelectorAll('details')) expect(summary.querySelector('summary')).toBeTruthy();
  });

  it('tells runs of one engine apart by option, seed or folder', async () => {
    const seeded = await kept('seeded', [soft, '--engine', 'importance', '-n', '30', '--seed', 'b']);
    const copy = join(scratch, 'copy');
    cpSync(runs.importance, copy, { recursive: true });
    const { document } = await page(runs.importance, seeded, copy);
    expect(labels(document)).toEqual([['', 'importance (importance)', 'importance (seed = b)', 'importance (copy)']]);
  });

  it('groups runs whose definitions differ, and says so', async () => {
    const other = await kept('other', [soft, '--engine', 'exact', '-n', '30', '--set', 'beta=2']);
    const { document, html } = await page(runs.exact, other, runs.importance);
    expect(labels(document)).toEqual([
      ['beta = 1', 'exact', 'importance'],
      ['beta = 2', 'exact'],
    ]);
    expect(document.notes.join()).toContain('2 different definitions');
    expect(html.querySelector('#frontier')).not.toBeNull();
  });

  it('shows a run for each context', async () => {
    const { document, text } = await page(runs.family);
    expect(labels(document)).toEqual([
      ['“a”', 'exact'],
      ['“b”', 'exact'],
    ]);
    expect(document.groups.map((g) => g.runs[0].draws)).toEqual([25, 25]);
    expect(text).toContain('20 of 25 draws');
  });

  it('shows what there is of an unfinished run, and says that it is unfinished', async () => {
    const open = join(scratch, 'open');
    cpSync(runs.exact, open, { recursive: true });
    rmSync(join(open, 'summary.json'));
    appendFileSync(join(open, 'draws.jsonl'), '{"text": "half a l');
    const { code, document, text } = await page(open);
    expect(code).toBe(0);
    expect(document.notes.join()).toContain('Unfinished');
    expect(document.groups[0].runs[0].verdict).toContain('unfinished: 30 of 30 draws');
    expect(text).toContain('20 of 30 draws');
  });

  it('shows a run that was kept before there were details', async () => {
    const old = join(scratch, 'old');
    cpSync(runs.smc, old, { recursive: true });
    rmSync(join(old, 'details.json'));
    const { code, html } = await page(old);
    expect(code).toBe(0);
    expect(html.querySelector('#ancestry')).toBeNull();
    expect(html.querySelector('#overview')).not.toBeNull();
  });
});

describe('what post report refuses', () => {
  const spoilt = (name: string, file: string, text: string): string => {
    const folder = join(scratch, name);
    rmSync(folder, { recursive: true, force: true });
    cpSync(runs.smc, folder, { recursive: true });
    writeFileSync(join(folder, file), text);
    return folder;
  };

  it('needs --out and a run', async () => {
    expect(await inProcess(['report', runs.exact])).toMatchObject({ code: 2 });
    const { code, stderr } = await inProcess(['report', '--out', out]);
    expect(code).toBe(2);
    expect(stderr).toContain('post report needs a RUN');
    expect((await inProcess(['report', runs.exact, '--out', runs.exact])).code).toBe(2);
  });

  it.each([
    ['no such folder', 3, () => join(scratch, 'nowhere')],
    [
      'is not the folder of a run',
      2,
      () => (mkdirSync(join(scratch, 'empty'), { recursive: true }), join(scratch, 'empty')),
    ],
    ['run.json cannot be read: it is damaged', 3, () => spoilt('bad-run', 'run.json', '{ "format": 1')],
    ['summary.json cannot be read: it is damaged', 3, () => spoilt('bad-summary', 'summary.json', '')],
    ['details.json cannot be read: it is damaged', 3, () => spoilt('bad-details', 'details.json', 'x')],
    ['run.json is of a format that this version', 3, () => spoilt('new-run', 'run.json', '{ "format": 2 }')],
    ['details.json is of a format', 3, () => spoilt('new-details', 'details.json', '{ "format": 2 }')],
  ])('%s', async (message, code, folder) => {
    rmSync(out, { force: true });
    const result = await inProcess(['report', runs.exact, folder(), '--out', out]);
    expect(result.stderr).toContain(message);
    expect(result.code).toBe(code);
    expect(existsSync(out)).toBe(false);
  });
});
