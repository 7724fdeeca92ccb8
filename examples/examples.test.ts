import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { load as Load, Result } from 'postulate';
import { describe, expect, it } from 'vitest';

/**
 * Each example's exact answers stand in its `reference.json`, written by `UPDATE=1` from the exact engine and compared
 * here to 1e-9. What the exact engine itself is worth is tested elsewhere, against answers from other programs.
 */
const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(HERE);

// The library as it is built, which is what its users run, and half as slow as its sources under test.
execFileSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs'), '--if-stale'], { stdio: 'pipe' });
const built = pathToFileURL(join(ROOT, 'packages', 'postulate', 'dist', 'index.js')).href;
const { load } = (await import(built)) as { readonly load: typeof Load };

const UPDATE = process.env['UPDATE'] === '1';
/** Every folder below this one that holds a model, by its path from here. */
const EXAMPLES = readdirSync(HERE, { recursive: true, withFileTypes: true })
  .filter((e) => e.isFile() && e.name === 'model.post' && !e.parentPath.includes('node_modules'))
  .map((e) => relative(HERE, e.parentPath).split(sep).join('/'))
  .sort();

/** Examples over a neural model: nothing about them is known exactly, so that engines are held against each other. */
const NEURAL = new Set(['no-curse-gpt', 'essay/collapse-gpt']);

type Answers = Pick<Result, 'logZ' | 'entropy' | 'klToPrior' | 'lambda' | 'expectations' | 'support'>;
type Reference = Readonly<Record<string, Answers>>;

async function answers(name: string): Promise<Reference> {
  const model = await load(join(HERE, name, 'model.post'));
  const found: Record<string, Answers> = {};
  for (const posterior of model.posteriors) {
    for (const result of await model.posterior(posterior).runAll({ engine: 'exact', n: 0 })) {
      const { context, logZ, entropy, klToPrior, lambda, expectations, support } = result;
      const key = context === undefined ? posterior : `${posterior}[${context}]`;
      found[key] = { logZ, entropy, klToPrior, lambda, expectations, support };
    }
  }
  return found;
}

/** The numbers of a reference, by path, so that a difference is reported where it is. */
function numbers(value: unknown, path = ''): readonly (readonly [string, number])[] {
  if (typeof value === 'number') return [[path, value]];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, v]) => numbers(v, `${path}/${key}`));
}

describe.each(EXAMPLES.map((name) => [name] as const))('example %s', (name) => {
  it.skipIf(NEURAL.has(name))('gives its reference', { timeout: 240_000 }, async () => {
    const file = join(HERE, name, 'reference.json');
    const found = await answers(name);
    if (UPDATE) writeFileSync(file, JSON.stringify(found, null, 2) + '\n');
    const wanted = numbers(JSON.parse(readFileSync(file, 'utf8')) as Reference);
    const got = new Map(numbers(found));
    expect([...got.keys()]).toEqual(wanted.map(([path]) => path));
    for (const [path, value] of wanted) {
      const difference = Math.abs((got.get(path) ?? NaN) - value);
      expect(difference, `${path}: ${got.get(path)} for ${value}`).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(value)));
    }
  });

  it('has a property of texts and one of the whole, and they hold', { timeout: 240_000 }, () => {
    const text = readFileSync(join(HERE, name, 'model.post'), 'utf8');
    expect(text).toMatch(/^property "[^"]*":\s*forall/m);
    expect(text).toMatch(/^property "[^"]*":\s*(?!forall)/m);
    const cli = join(ROOT, 'packages', 'postulate', 'dist', 'cli.js');
    const words = [cli, 'test', join(HERE, name, 'model.post'), '--json'];
    const found = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as {
      readonly passed: boolean;
    };
    expect(found.passed).toBe(true);
  });

  it('has a README that names the command', () => {
    expect(readFileSync(join(HERE, name, 'README.md'), 'utf8')).toMatch(/post (sample|compare) model\.post/);
  });
});

describe.each([['no-curse-gpt']] as const)('example %s', (name) => {
  it('gives the same expectations by exact draws and by awrs', { timeout: 240_000 }, async () => {
    const posterior = (await load(join(HERE, name, 'model.post'))).posterior();
    const run = (engine: string, n: number, options: Readonly<Record<string, number>> = {}) =>
      posterior.run({ engine, n, seed: 'agree', options });
    const exact = await run('rejection', 400);
    const steered = await run('awrs', 16, { particles: 25 });
    for (const [key, a] of Object.entries(exact.expectations)) {
      const b = steered.expectations[key];
      const error = Math.hypot(a?.standardError ?? NaN, b?.standardError ?? NaN);
      // 5.3 standard errors: false alarms of about 1e-7 for each of three expectations, were they normal.
      expect(Math.abs((a?.value ?? NaN) - (b?.value ?? NaN)), key).toBeLessThanOrEqual(5.3 * error);
    }
    // No text that curses is ever drawn.
    expect(exact.expectations['noCurse']?.value).toBe(1);
    expect(steered.expectations['noCurse']?.value).toBeCloseTo(1, 12);
  });
});
