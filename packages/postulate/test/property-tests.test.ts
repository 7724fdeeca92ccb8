import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutantsOf } from '../src/property-tests/mutants.ts';
import { mutationScore } from '../src/property-tests/mutation.ts';
import { xml } from '../src/property-tests/junit.ts';
import { slow, timed } from '../../testing/test/slow.ts';
import { outcome, post, postJson, root, scratch, start } from './helpers/command.ts';
import { inProcess } from './helpers/in-process.ts';

const file = (name: string, text: string): string => {
  const path = join(scratch, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
};

const CHAIN = `prior = bigram({"^": {"what": 0.5, "a": 0.4, "damn": 0.1}, "what": {"a": 1}, "a": {"damn": 0.2, "lovely": 0.8},
  "damn": {"day": 0.9, "$": 0.1}, "lovely": {"day": 1}, "day": {"$": 1}}, max_tokens = 8, separator = " ")
`;
const good = file('tests/good.post', `${CHAIN}safe = prior | not contains("damn")
property "never curses": forall x in safe: not contains("damn")(x)
property "costs little": KL(safe, prior) < 1\n`); // prettier-ignore
const slip = file('tests/deep/slip.post', `${CHAIN}curse = contains_any(["damn"], whole_word = true)
b = contains("damn")
safe = prior | b
property "never curses": forall x in safe: not curse(x)
property "short": forall x in safe: length(x) <= 8\n`); // prettier-ignore
const open = file('open.post', `prior = bigram({"^": {"a": 0.5, "b": 0.5}, "a": {"a": 0.4, "b": 0.5, "$": 0.1},
  "b": {"b": 0.3, "a": 0.5, "$": 0.2}}, max_tokens = 40, separator = " ")
d = prior * exp(distinct(1))
property "cannot be told": TV(d, prior) > 0.1\n`); // prettier-ignore

describe('post test', () => {
  it('passes where every property holds: exit 0', async () => {
    const { code, stdout } = await inProcess(['test', good, '--quiet']);
    expect(code).toBe(0);
    expect(stdout).toBe(` ✓ ${good} (2 properties)
   ✓ never curses proved for every text, by automata
   ✓ costs little by the exact engine

      Files  1 passed (1)
 Properties  2 passed (2)
       Seed  0
`);
  });

  it('shows the counterexample, its factors and a hint for the slip of the essay, within a second: exit 1', async () => {
    const { code, document } = await postJson(['test', slip, '--seed', '7']);
    expect(code).toBe(1);
    const [found] = (document['files'] as { milliseconds: number; properties: Record<string, unknown>[] }[]).map((f) => f); // prettier-ignore
    expect(found.milliseconds).toBeLessThan(slow ? 10_000 : 5_000);
    console.log(`the slip of the essay was found in ${found.milliseconds} ms`);
    expect(found.properties[0]).toMatchObject({
      name: 'never curses',
      status: 'fails',
      counterexample: { texts: [{ name: 'x', text: 'damn' }] },
    });
    const { stdout } = await inProcess(['test', slip, '--quiet', '--seed', '7']);
    expect(stdout).toContain(' FAILS ');
    expect(stdout).toContain('x = "damn"');
    expect(stdout).toContain('should it be `not b`?');
    expect(stdout).toContain('1 failed | 1 passed (2)');
  });

  it('takes folders, stdin, and a pattern', async () => {
    const folder = await inProcess(['test', join(scratch, 'tests'), '--quiet']);
    expect(folder.code).toBe(1);
    expect(folder.stdout).toContain('Files  1 failed | 1 passed (2)');
    const some = await inProcess(['test', slip, '--quiet', '--grep', '^short$']);
    expect(some.code).toBe(0);
    expect(some.stdout).toContain('1 skipped');
    const piped = await post(['test', '-', '--quiet'], { input: readFileSync(good) });
    expect(piped.code).toBe(0);
  });

  it('is not content with undecided properties unless told so', async () => {
    const strict = await inProcess(['test', open, '--quiet', '--budget', '2000']);
    expect(strict.code).toBe(1);
    expect(strict.stdout).toContain(' UNDECIDED ');
    expect((await inProcess(['test', open, '--quiet', '--allow-undecided'])).code).toBe(0);
  });

  it('writes JUnit XML that services can read', async () => {
    const path = join(scratch, 'out', 'junit.xml');
    expect((await inProcess(['test', good, slip, '--quiet', '--junit', path])).code).toBe(1);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('<testsuite name="' + good + '" tests="2" failures="0" errors="0" skipped="0"');
    expect(text).toMatch(/<failure message="a counterexample after \d+ texts?" type="fails">/);
    expect(text).toContain('x = &quot;damn&quot;');
    expect(xml('a\u0000<b>\n"')).toBe('a\ufffd&lt;b&gt;&#10;&quot;');
  });

  it('asks the built-in laws', async () => {
    const { code, stdout } = await inProcess(['test', good, '--quiet', '--laws']);
    expect(stdout).toMatch(/✓ laws of safe \d+ laws, \d+ cases/);
    expect(code).toBe(0);
  });

  it('says what was never true, and where', async () => {
    const path = file('gap.post', `${CHAIN}safe = prior | not (contains("damn") or contains("zebra"))
property "never curses": forall x in safe: not contains("damn")(x)\n`); // prettier-ignore
    const { stdout } = await inProcess(['test', path]);
    expect(stdout).toContain(`clause contains("zebra") was never true (${path}:3:41)`);
  });

  it('wrong usage is exit 2, a wrong file 1, a missing one 3', async () => {
    expect((await inProcess(['test', good, '--runs', 'many'])).code).toBe(2);
    expect((await inProcess(['test', good, '--grep', '('])).code).toBe(2);
    expect((await inProcess(['test', good, '--grep', 'nothing of the kind'])).code).toBe(2);
    expect((await inProcess(['test', file('none.post', CHAIN)])).code).toBe(2);
    expect((await inProcess(['test', file('bad.post', 'p = lenght\n')])).code).toBe(1);
    expect((await inProcess(['test', join(scratch, 'missing.post')])).code).toBe(3);
    const empty = file('empty.post', `${CHAIN}p = prior | length > 90\nproperty "e": E(length | p) > 0\n`);
    const { code, stdout } = await inProcess(['test', empty, '--quiet']);
    expect(code).toBe(1);
    expect(stdout).toContain('P403');
  });

  it('runs again when a file changes, until it is interrupted', { timeout: 60_000 }, async () => {
    const path = file('watched/model.post', readFileSync(good, 'utf8'));
    const child = start(['test', path, '--watch', '--quiet']);
    const ended = outcome(child);
    let seen = '';
    const count = (): number => seen.split('Files  ').length - 1;
    const until = async (n: number): Promise<void> => {
      while (count() < n) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    child.stdout!.on('data', (text: string) => (seen += text));
    await until(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    writeFileSync(path, readFileSync(slip, 'utf8'));
    await until(2);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(seen).toContain('2 passed');
    expect(seen).toContain('1 failed');
  });
});

describe('mutation', () => {
  it('makes the slips it names', () => {
    const source = 'param beta = 2\np = prior * exp(r / beta) | e and not f\n';
    const made = mutantsOf(`prior = tabular({"a": 1})\n${source}`, 'x.post').map((m) => `${m.kind}: ${m.name}`);
    expect(made).toEqual([
      'drop a factor: without | e and not f',
      'drop a factor: without * exp(r / beta)',
      'invert beta: * beta',
      'and for or: or for and',
      'flip an event: f for not',
    ]);
  });

  it('is survived by weak properties and not by good ones', async () => {
    const weak = await mutationScore(good, `${CHAIN}safe = prior | not contains("damn")\nproperty "p": forall x in safe: length(x) <= 8\n`); // prettier-ignore
    expect([weak.killed, weak.total]).toEqual([0, 3]);
    const strong = await mutationScore(good, readFileSync(good, 'utf8'));
    expect([strong.killed, strong.total]).toEqual([3, 3]);
  });

  const ESSAY = readdirSync(join(root, 'examples', 'essay'), { withFileTypes: true })
    .filter((e) => e.isDirectory() && !e.name.endsWith('-gpt'))
    .map((e) => `essay/${e.name}`);
  const SMALL = ['arpa', 'context', 'extern', ...ESSAY];
  const LARGE = ['essay/collapse-gpt', 'both', 'gender', 'no-curse-gpt', 'no-curses', 'paris', 'sentiment'];
  const some = slow ? LARGE.slice(0, 1) : [];
  it.each([...SMALL, ...(timed ? LARGE : some)])(
    'examples/%s kills at least nine tenths of its mutants',
    { timeout: 900_000 },
    async (name) => {
      const path = join(root, 'examples', name, 'model.post');
      const { killed, total, results } = await mutationScore(path, readFileSync(path, 'utf8'));
      const survivors = results.filter((r) => r.fate.kind === 'survived').map((r) => r.mutant.name);
      expect(killed / total, survivors.join(', ')).toBeGreaterThanOrEqual(0.9);
      console.log(`examples/${name}: ${killed} of ${total} mutants killed`);
    },
  );
});
