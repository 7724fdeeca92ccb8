import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outcome, post, postJson, scratch, start } from './helpers/command.ts';

const FILE = join(scratch, 'wants-the.post');
writeFileSync(
  FILE,
  'prior = lm("tiny-english", max_tokens = 6)\nthe = contains("the")\nposterior = prior * exp(2 * indicator(the))\n',
);
const option = (name: string, value: number | string): readonly string[] => ['--option', `${name}=${value}`];
const SMALL = [...option('batch', 16), ...option('steps', 7), ...option('samples', 100)];
const STEERED = [...option('proposal', 'weighted-decoding'), ...option('proposal.surrogateDraws', 200)];

const policyOf = (folder: string): Buffer => readFileSync(join(folder, 'policy.bin'));

/** Kills the command as soon as it has a checkpoint. */
async function killedAtCheckpoint(words: readonly string[], folder: string): Promise<void> {
  const child = start(words);
  const ended = outcome(child);
  while (child.exitCode === null && !existsSync(join(folder, 'checkpoint.bin'))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill('SIGKILL');
  await ended;
}

describe('post fit of a transformer', () => {
  it.each([
    [
      'kl-rl',
      [
        ...STEERED,
        ...option('control', 'ahead'),
        ...option('controlDepth', 3),
        ...option('guide', 'rows'),
        ...option('guideDraws', 64),
      ],
    ],
    ['gdc', [...STEERED, ...option('control', 'ahead')]],
    ['kl-rl', [...option('guide', 'states'), ...option('guideDraws', 100), ...option('control', 'start')]],
    ['rl', []],
    ['gdc', option('rank', 2)],
  ] as const)(
    '%s %j trains the same policy when it was killed on the way',
    { timeout: 240_000 },
    async (engine, more) => {
      const words = ['fit', FILE, '--engine', engine, ...SMALL, ...more, '--checkpoint', '3', '-n', '5', '--quiet'];
      const name = `${engine}-${more.join('').replace(/\W/g, '')}`;
      const [whole, killed] = [join(scratch, `nn-whole-${name}`), join(scratch, `nn-killed-${name}`)];
      const run = await post([...words, '--out', whole]);
      expect(run.code, run.stderr).toBe(0);
      await killedAtCheckpoint([...words, '--out', killed], killed);
      const resumed = await post([...words, '--out', killed, '--resume']);
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(policyOf(killed).equals(policyOf(whole))).toBe(true);
    },
  );

  it('is a prior again, and a proposal that is corrected', { timeout: 240_000 }, async () => {
    const out = join(scratch, 'nn-policy');
    const fast = [...option('learningRate', 0.001), ...option('steps', 12), ...option('samples', 200)];
    const fit = await postJson(['fit', FILE, '--engine', 'gdc', ...option('batch', 16), ...fast, '--out', out]);
    expect(fit.code).toBe(0);
    mkdirSync(join(scratch, 'nn-fitted'), { recursive: true });
    const again = join(scratch, 'nn-fitted', 'model.post');
    writeFileSync(
      again,
      'policy = fitted("../nn-policy")\nthe = contains("the")\nposterior = policy * exp(0 * length)\n',
    );
    const share = (document: Record<string, unknown>): { value: number; standardError: number } =>
      (document['expectations'] as Record<string, { value: number; standardError: number }>)['the'];
    const trained = await postJson(['sample', again, '--engine', 'importance', '-n', '50']);
    const exact = await postJson(['sample', FILE, '--engine', 'rejection', '-n', '2000']);
    const prior = await postJson(['sample', FILE, '--engine', 'importance', '-n', '50']);
    const { document } = await postJson(['sample', FILE, '--engine', 'importance', '--proposal', out, '-n', '50']);
    // 5 standard errors: a false alarm once in two million seeds.
    for (const other of [document, prior.document]) {
      const error = Math.hypot(share(other).standardError, share(exact.document).standardError);
      expect(Math.abs(share(other).value - share(exact.document).value)).toBeLessThan(5 * error);
    }
    // The policy has moved towards the posterior.
    expect(share(trained.document).value).toBeGreaterThan(0.1);
    expect(document['engine']).toBe('importance');
  });

  it('refuses what cannot be a proposal', { timeout: 60_000 }, async () => {
    let tries = 0;
    const refused = async (engine: string, ...more: readonly string[]): Promise<string> => {
      const run = await post([
        'fit',
        FILE,
        '--engine',
        engine,
        ...SMALL,
        ...more,
        '--out',
        join(scratch, `nn-no-${tries++}`),
      ]);
      expect(run.code).toBe(2);
      return run.stderr;
    };
    expect(await refused('gdc', ...option('proposal', 'prior'))).toContain('the policy starts as the prior');
    expect(await refused('gdc', ...option('proposal', 'smc'))).toContain('no density');
    expect(await refused('gdc', ...option('proposal.strength', 1))).toContain('no engine to propose from');
    expect(await refused('kl-rl', ...STEERED, ...option('method', 'ppo'))).toContain('method=reinforce');
    expect(await refused('rl', ...STEERED)).toContain('P602');
  });
});
