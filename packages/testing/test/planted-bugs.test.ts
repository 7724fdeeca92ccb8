import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Bug {
  readonly engine: string;
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly tests: readonly string[];
}

const bugs = JSON.parse(readFileSync(join(root, 'scripts', 'planted-bugs.json'), 'utf8')) as readonly Bug[];

/** The script that plants them takes minutes; here it is only held that each still has its place. */
describe('the planted mistakes', () => {
  it.each(bugs.map((b) => [`${b.engine}: ${b.what}`, b] as const))('%s', (_, { file, from, to, tests }) => {
    expect(readFileSync(join(root, file), 'utf8').split(from)).toHaveLength(2);
    expect(to).not.toBe(from);
    expect(tests.length).toBeGreaterThan(0);
  });

  it('are of every sampling engine', () => {
    const engines = new Set(bugs.map((b) => b.engine));
    for (const name of ['rejection', 'importance', 'qrs', 'best-of-n', 'mh', 'smc', 'awrs', 'weighted-decoding']) {
      expect(engines).toContain(name);
    }
  });
});
