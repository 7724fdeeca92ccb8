import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { posteriorOutputs } from '@postulate/graph';
import { describe, expect, test } from 'vitest';
import { compile, printTyped } from '../../src/index.ts';

const here = new URL('good/', import.meta.url);
const fixtures = new URL('../../../testing/fixtures/', import.meta.url);

const list = (folder: URL) =>
  readdirSync(folder)
    .filter((n) => n.endsWith('.post'))
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));

describe('good programs', () => {
  test.each([...list(here), ...list(fixtures)])('$name compiles without a word', ({ name, text }) => {
    const { diagnostics, graph } = compile(text, name);
    expect(diagnostics).toEqual([]);
    expect(graph).toBeDefined();
  });

  test.each(list(fixtures))('$name has the posteriors of its answers', ({ name, text }) => {
    const answers: unknown = JSON.parse(readFileSync(new URL(name.replace(/post$/, 'json'), fixtures), 'utf8'));
    const named = Object.keys(answers as object).map((key) => key.split(/[ @(\[{]/)[0]);
    const { graph } = compile(text, name);
    const found = graph ? posteriorOutputs(graph).map((o) => o.name) : [];
    for (const key of named) expect(graph?.outputs.map((o) => o.name)).toContain(key);
    expect(found.length).toBeGreaterThan(0);
  });

  test('types and ranges are printed one name a line', () => {
    const { typed } = compile(readFileSync(new URL('essay.post', here), 'utf8'), 'essay.post');
    const golden = new URL('essay.txt', here);
    if (process.env['UPDATE'] === '1') writeFileSync(golden, printTyped(typed));
    expect(printTyped(typed)).toBe(readFileSync(golden, 'utf8'));
  });
});
