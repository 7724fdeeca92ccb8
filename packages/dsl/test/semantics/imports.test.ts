import { posix } from 'node:path';
import { fail } from '@postulate/graph';
import { describe, expect, test } from 'vitest';
import { compile, lower, type SourceHost } from '../../src/index.ts';

function hostOf(files: Readonly<Record<string, string>>): SourceHost {
  return {
    resolve: (from, path) => posix.join(posix.dirname(from), path),
    read: (path) => {
      if (files[path] === undefined) throw new Error('no such file');
      return files[path];
    },
  };
}

const LIB = `param beta = 0.5 in (0, inf)
prior = arpa("data/model.arpa", max_tokens = 4)
curses = wordlist("lists/curses.txt")
bundled = wordlist("cuss")
extern score judge from "./judge.ts" in [0, 1]
tilt(d, s) = d * exp(s / beta)
`;

describe('imports', () => {
  test('names, functions and params of another file', () => {
    const main = `import { beta as temperature, prior, tilt } from "lib/base.post"\np = tilt(prior, length)`;
    const host = hostOf({ 'models/lib/base.post': LIB });
    const { graph, diagnostics, sources, typed } = compile(main, 'models/main.post', { host });
    expect(diagnostics).toEqual([]);
    expect(graph?.params).toMatchObject([{ name: 'temperature', value: 0.5 }]);
    expect(graph?.outputs.map((o) => o.name)).toEqual(['p']);
    expect([...sources.keys()]).toEqual(['models/main.post', 'models/lib/base.post']);
    const hot = lower(typed, { set: { temperature: 4 } }).value;
    expect(hot?.nodes.find((n) => n.kind === 'number')).toMatchObject({ value: 4 });
  });

  test('paths are said from the main file', () => {
    const main = `import { prior, curses, bundled, judge } from "lib/base.post"
p = prior | not contains_any(curses)
q = prior | not contains_any(bundled)
r = prior * judge`;
    const { graph } = compile(main, 'models/main.post', { host: hostOf({ 'models/lib/base.post': LIB }) });
    const text = JSON.stringify(graph?.nodes);
    expect(text).toContain('"lib/data/model.arpa"');
    expect(text).toContain('"lib/lists/curses.txt"');
    expect(text).toContain('"cuss"');
    expect(text).toContain('"lib/judge.ts"');
  });

  test('a file above the main one', () => {
    const main = `import { prior } from "../base.post"\np = prior | finished`;
    const { graph } = compile(main, 'models/sub/main.post', { host: hostOf({ 'models/base.post': LIB }) });
    expect(JSON.stringify(graph?.nodes)).toContain('"../data/model.arpa"');
  });

  test('a diamond is read once', () => {
    const read: string[] = [];
    const base = hostOf({
      'base.post': 'prior = tabular({ "a": 1 })\nq = ensemble(length, words)',
      'left.post': 'import { q } from "base.post"\nl = mean(q)',
      'right.post': 'import { q, prior } from "base.post"\nr = sd(q)',
    });
    const host: SourceHost = { resolve: base.resolve, read: (p) => (read.push(p), base.read(p)) };
    const main = `import { l } from "left.post"\nimport { r, prior } from "right.post"\np = prior * exp(l + r)`;
    const { graph, diagnostics } = compile(main, 'main.post', { host });
    expect(diagnostics).toEqual([]);
    expect(read.sort()).toEqual(['base.post', 'left.post', 'right.post']);
    expect(graph?.nodes.filter((n) => n.kind === 'ensemble')).toHaveLength(1);
  });

  test('a cycle through the main file is refused', () => {
    const main = 'import { x } from "other.post"\ny = x';
    const host = hostOf({ 'main.post': main, 'other.post': 'import { y } from "main.post"\nx = y' });
    const { diagnostics, graph } = compile(main, './main.post', { host });
    expect(graph).toBeUndefined();
    expect(diagnostics.map((d) => d.code)).toEqual(['P105']);
  });

  test('a file that cannot be read gives its own reason', () => {
    const files = hostOf({});
    const read = (path: string) => {
      throw fail('P500', `${path} cannot be read: it is a folder`);
    };
    const { diagnostics } = compile('import { x } from "y.post"\nz = x', 'main.post', { host: { ...files, read } });
    expect(diagnostics.map((d) => d.message)).toEqual([
      'cannot import "y.post": y.post cannot be read: it is a folder',
    ]);
  });

  test('without a host an import is an error', () => {
    expect(compile('import { x } from "y.post"\nz = x', 'main.post').diagnostics.map((d) => d.code)).toEqual(['P104']);
  });
});
