import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { DIAGNOSTIC_CODES, renderDiagnostic } from '@postulate/graph';
import { describe, expect, test } from 'vitest';
import { compile, type SourceHost } from '../../src/index.ts';

const folder = new URL('bad/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

const host: SourceHost = {
  resolve: (from, path) => posix.join(posix.dirname(from), path),
  read: (path) => {
    if (existsSync(new URL(path, folder))) return read(path);
    throw new Error(`no file ${path}`);
  },
};

/** `// set: a=1, b=2` on the first line. */
function settings(text: string): Readonly<Record<string, number>> {
  const line = /^\/\/ set: (.*)/.exec(text)?.[1] ?? '';
  return Object.fromEntries([...line.matchAll(/(\w+)=([^\s,]+)/g)].map(([, k, v]) => [k, Number(v)]));
}

function rendered(name: string): string {
  const text = read(name);
  const { diagnostics, sources } = compile(text, name, { host, set: settings(text) });
  return diagnostics.map((d) => `${renderDiagnostic(d, sources.get(d.span?.source ?? ''))}\n`).join('\n');
}

const names = readdirSync(folder).filter((n) => n.endsWith('.post'));

describe('bad programs say what is wrong', () => {
  test.each(names)('%s', (name) => {
    const golden = new URL(name.replace(/post$/, 'txt'), folder);
    const found = rendered(name);
    if (process.env['UPDATE'] === '1') writeFileSync(golden, found);
    expect(found).toBe(readFileSync(golden, 'utf8'));
  });

  test.each(names.filter((n) => /^p\d/.test(n)))('%s reports the code it is named for', (name) => {
    const code = name.slice(0, 4).toUpperCase();
    expect(Object.keys(DIAGNOSTIC_CODES)).toContain(code);
    expect(rendered(name)).toContain(`[${code}]`);
  });
});
