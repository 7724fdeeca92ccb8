import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { scratch } from './helpers/command.ts';
import { fixtures, inProcess, inProcessJson } from './helpers/in-process.ts';

const soft = join(fixtures, 'soft.post');
const ENGINES = ['--engines', 'exact,importance'];

interface Line {
  readonly set: Readonly<Record<string, number>>;
  readonly reference: { readonly exact: boolean; readonly logZ: { readonly value: number } };
  readonly engines: readonly { readonly engine: string; readonly status: string }[];
}

describe('post compare', () => {
  it('prints what each says, how far off it is, and what it cost', async () => {
    const { code, stdout } = await inProcess(['compare', soft, ...ENGINES, '-n', '200']);
    expect(code).toBe(0);
    for (const heading of ['what each says', 'how far what it draws', 'variety of the draws']) {
      expect(stdout).toContain(heading);
    }
    expect(stdout).toMatch(/posterior \(exact\) +1\.43372/);
  });

  it('runs every combination of a sweep', async () => {
    const words = ['compare', soft, ...ENGINES, '-n', '50', '--sweep', 'beta=0.5,1'];
    const { code, document } = await inProcessJson(words);
    expect(code).toBe(0);
    const comparisons = document.comparisons as readonly Line[];
    expect(comparisons.map((c) => c.set)).toEqual([{ beta: 0.5 }, { beta: 1 }]);
    expect(comparisons[0].reference.logZ.value).toBeCloseTo(3.7767864207, 9);
    expect(comparisons[1].reference.logZ.value).toBeCloseTo(1.433718363, 9);
    expect(comparisons[0].engines.map((e) => e.status)).toEqual(['ran', 'ran']);
  });

  it.each([
    [['compare', soft], 'post compare needs --engines'],
    [['compare', soft, '--engines', 'exactly'], 'there is no engine "exactly"'],
    [['compare', soft, ...ENGINES, '--option', 'proposals=3'], 'does not say which of the engines'],
    [['compare', soft, ...ENGINES, '--sweep', 'beta=a'], 'needs numbers'],
    [['compare', soft, ...ENGINES, '--sweep', 'beta=1', '--set', 'beta=1'], 'cannot both be given'],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await inProcess(words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('writes a page that holds everything and loads nothing', async () => {
    const path = join(scratch, 'compare.html');
    const words = ['compare', soft, ...ENGINES, '-n', '50', '--sweep', 'beta=0.5,1', '--report', path];
    expect((await inProcess(words)).code).toBe(0);
    const page = readFileSync(path, 'utf8');
    const { document } = parseHTML(page);
    expect(document.querySelectorAll('script, link, iframe, img')).toHaveLength(0);
    expect(page).not.toMatch(/(src|href)="(?!#)|url\(/);
    const ids = new Set([...document.querySelectorAll('[id]')].map((e) => e.getAttribute('id')));
    for (const a of document.querySelectorAll('a')) expect(ids).toContain(a.getAttribute('href')!.slice(1));
    for (const f of document.querySelectorAll('figure > div')) expect(f.getAttribute('aria-label')).not.toBe('');
    expect(document.querySelector('#frontier')).not.toBeNull();
    expect(document.querySelectorAll('svg').length).toBeGreaterThan(3);
  });

  it('shows texts with markup as text', async () => {
    const { html } = await import('../src/report/html.ts');
    expect(html`<p>${'<script>"&'}</p>`.html).toBe('<p>&lt;script&gt;&quot;&amp;</p>');
  });
});
