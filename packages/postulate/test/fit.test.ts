import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtures, outcome, post, postJson, scratch, start } from './helpers/command.ts';

const MARKOV = join(fixtures, 'markov6.post');
const FIT = ['fit', MARKOV, '--posterior', 'B', '--engine', 'gdc', '--option', 'steps=120', '--option', 'batch=64'];

const policyOf = (folder: string): Buffer => readFileSync(join(folder, 'policy.bin'));
const lines = (folder: string): readonly Record<string, unknown>[] =>
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((l) => JSON.parse(l) as Record<string, unknown>);
const timeless = (folder: string): unknown => lines(folder).map((l) => ({ ...l, step_time: 0 }));

function model(name: string, text: string): string {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.post'), text);
  return join(folder, 'model.post');
}

const BIGRAM =
  'prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 3)\n';

describe('post fit', () => {
  it('keeps metrics, a checkpoint, the policy, draws and a model card', { timeout: 60_000 }, async () => {
    const out = join(scratch, 'whole');
    const { code, document } = await postJson([...FIT, '--out', out, '-n', '20']);
    expect(code).toBe(0);
    expect(document).toMatchObject({ posterior: 'B', engine: 'gdc', guarantee: 'variational', fit: { steps: 120 } });
    const log = lines(out);
    expect(log.map((l) => l['step'])).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
    for (const name of [
      'loss',
      'elbo',
      'kl',
      'entropy',
      'grad_norm',
      'completions/mean_length',
      'num_tokens',
      'step_time',
    ]) {
      expect(typeof log[0][name], name).toBe('number');
    }
    expect(Number(log[119]['kl'])).toBeGreaterThan(1);
    const card = readFileSync(join(out, 'README.md'), 'utf8');
    for (const part of ['posterior `B`', 'beta=0.5', 'forward KL(p ‖ π)', 'Variational', 'total variation']) {
      expect(card).toContain(part);
    }
    expect(readFileSync(join(out, 'draws.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(20);
    const report = await post(['report', out, '--out', join(scratch, 'fit.html')]);
    expect(report.code, report.stderr).toBe(0);
  });

  it('trains the same policy again, and as post sample does', { timeout: 60_000 }, async () => {
    const [a, b] = [join(scratch, 'same-a'), join(scratch, 'same-b')];
    await post([...FIT, '--out', a]);
    await post([...FIT, '--out', b]);
    expect(policyOf(a).equals(policyOf(b))).toBe(true);
    const fitted = await postJson([...FIT, '--out', join(scratch, 'same-c'), '-n', '5']);
    const sampled = await postJson(['sample', ...FIT.slice(1), '-n', '5']);
    expect(sampled.document['draws']).toEqual(fitted.document['draws']);
  });

  it.each(['gdc', 'trajectory-balance', 'kl-rl'])(
    '%s goes on to the last bit after being killed',
    { timeout: 120_000 },
    async (engine) => {
      const words = [...FIT, '--checkpoint', '7', ...(engine === 'kl-rl' ? ['--option', 'method=ppo'] : [])];
      words[words.indexOf('gdc')] = engine;
      const [whole, killed] = [join(scratch, `whole-${engine}`), join(scratch, `killed-${engine}`)];
      expect((await post([...words, '--out', whole])).code).toBe(0);
      let steps = 0;
      for (let attempt = 0; attempt < 3; attempt++) {
        const child = start([...words, '--out', killed, ...(attempt === 0 ? [] : ['--resume'])]);
        const ended = outcome(child);
        const before = steps;
        // Killed as soon as there is a new checkpoint, whatever it is doing at that moment.
        for (let waits = 0; waits < 2000 && child.exitCode === null; waits++) {
          const log = join(killed, 'metrics.jsonl');
          if (existsSync(join(killed, 'checkpoint.bin')) && existsSync(log)) {
            steps = readFileSync(log, 'utf8').split('\n').length;
            if (steps > before + 14) break;
          }
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        child.kill('SIGKILL');
        await ended;
      }
      const resumed = await post([...words, '--out', killed, '--resume']);
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(policyOf(killed).equals(policyOf(whole))).toBe(true);
      expect(timeless(killed)).toEqual(timeless(whole));
    },
  );

  it('does not go on with another run, nor over one', { timeout: 60_000 }, async () => {
    const out = join(scratch, 'other');
    await post([...FIT, '--out', out]);
    expect(await post([...FIT, '--out', out])).toMatchObject({ code: 2 });
    const other = await post([...FIT, '--option', 'clip=2', '--out', out, '--resume']);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("the engine's options");
    const sampled = await post(['sample', ...FIT.slice(1), '--out', out, '--resume']);
    expect(sampled.stderr).toContain('what is done');
  });

  it('refuses a damaged checkpoint', { timeout: 60_000 }, async () => {
    const out = join(scratch, 'damaged');
    await post([...FIT, '--out', out]);
    const file = join(out, 'checkpoint.bin');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(file, bytes);
    const again = await post([...FIT, '--out', out, '--resume']);
    expect(again.code).toBe(3);
    expect(again.stderr).toContain('P500');
  });

  it('stops on a plateau of the bound', { timeout: 60_000 }, async () => {
    const out = join(scratch, 'plateau');
    const options = ['patience=10', 'steps=5000', 'schedule=constant'].flatMap((o) => ['--option', o]);
    const words = [...FIT.slice(0, 6), '--option', 'batch=64', ...options];
    const { document } = await postJson([...words, '--out', out]);
    expect(document['fit']).toMatchObject({ reason: 'the bound has not risen for 10 steps' });
    expect(lines(out).length).toBeLessThan(2000);
  });

  it(
    'names the step and the text where a reward is no number, and keeps the last good checkpoint',
    { timeout: 60_000 },
    async () => {
      const file = model(
        'nan',
        'extern score odd from "./odd.mjs" in [0, 1]\n'.concat(
          BIGRAM.replace('max_tokens = 3', 'max_tokens = 12'),
          'posterior = prior * exp(odd)\n',
        ),
      );
      writeFileSync(
        join(scratch, 'nan', 'odd.mjs'),
        'let calls = 0;\nexport function odd(text) {\n  calls++;\n  return calls > 500 && text.length > 4 ? NaN : 0.5;\n}\n',
      );
      const out = join(scratch, 'nan', 'run');
      const run = await post([
        ...['fit', file, '--engine', 'kl-rl', '--option', 'batch=64', '--checkpoint', '10', '--out', out],
      ]);
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(/P700.*step \d+: .*"[ab]{5,12}"/s);
      const kept = Number(/last good checkpoint, of step (\d+)/.exec(run.stderr)![1]);
      expect(kept).toBeGreaterThanOrEqual(10);
      expect(existsSync(join(out, 'policy.bin'))).toBe(true);
    },
  );

  it('says that a posterior without mass has nothing to learn from', { timeout: 60_000 }, async () => {
    const file = model('zero', `${BIGRAM}posterior = prior | contains("c")\n`);
    const run = await post([
      'fit',
      file,
      '--engine',
      'gdc',
      '--option',
      'batch=16',
      '--out',
      join(scratch, 'zero', 'run'),
    ]);
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/P604.*step 20: .*weight zero/s);
  });

  it('refuses hard constraints for reverse objectives and says what to write instead', async () => {
    const file = model('hard', `${BIGRAM}clean = not contains("bb")\nposterior = prior | clean\n`);
    for (const engine of ['kl-rl', 'trajectory-balance', 'dpo', 'rl']) {
      const run = await post(['fit', file, '--engine', engine, '--out', join(scratch, 'hard', engine)]);
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(/P600.*exp\(-k \* indicator\(/s);
      expect(existsSync(join(scratch, 'hard', engine, 'policy.bin'))).toBe(false);
    }
    const wrong = await post(['fit', file, '--engine', 'exact', '--out', join(scratch, 'hard', 'exact')]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('trains no policy');
  });
});

describe('a fitted policy', () => {
  it.each(['states', 'rows'])(
    'keeps its guide by %s, under the prompts that it was trained for',
    { timeout: 60_000 },
    async (guide) => {
      const file = model(
        `guided-${guide}`,
        `${BIGRAM}clean = not contains("bb")\nposterior = prior * indicator(clean) * exp(length)\n`,
      );
      const out = join(scratch, `guided-${guide}`, 'run');
      const words = ['fit', file, '--engine', 'kl-rl', '--option', `guide=${guide}`, '--option', 'steps=20'];
      const fit = await postJson([...words, '--out', out]);
      expect(fit.document).toMatchObject({ diagnostics: { extra: { violatingMass: 0 } } });
      const again = (more: string): string =>
        model(
          `guided-${guide}-again`,
          `policy = fitted("../guided-${guide}/run"${more})\nclean = not contains("bb")\nposterior = policy * exp(0 * length)\n`,
        );
      const { document } = await postJson(['sample', again(''), '--engine', 'importance', '-n', '200']);
      expect(document).toMatchObject({ expectations: { clean: { value: 1 } } });
      const exact = await postJson(['sample', file, '--engine', 'exact', '-n', '0']);
      const corrected = await postJson(['sample', file, '--engine', 'importance', '--proposal', out, '-n', '10']);
      const [a, b] = [corrected, exact].map((r) => r.document['logZ'] as { value: number; standardError: number });
      // 5 standard errors: a false alarm once in two million seeds.
      expect(Math.abs(a.value - b.value)).toBeLessThan(5 * a.standardError);
      const prompted = await post(['sample', again(', prompt = "a"'), '--engine', 'importance', '-n', '5']);
      expect(prompted.code).not.toBe(0);
      expect(prompted.stderr).toContain('can only be read under the prompts that it was trained for');
    },
  );

  it('is a prior, and a proposal that is corrected', { timeout: 120_000 }, async () => {
    const out = join(scratch, 'A');
    await post(['fit', MARKOV, '--posterior', 'A', '--engine', 'gdc', '--out', out, '--quiet']);
    const file = model(
      'fitted',
      'policy = fitted("../A")\nclean = not contains_any(["ab", "fa"])\nposterior = policy * exp(0 * length)\n',
    );
    const { document } = await postJson(['sample', file, '-n', '10', '--engine', 'exact']);
    const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as { entropy: { value: number } };
    expect((document['entropy'] as { value: number }).value).toBeCloseTo(summary.entropy.value, 0);
    for (const engine of ['rejection', 'importance', 'mh', 'smc']) {
      const run = await postJson([
        'sample',
        MARKOV,
        '--posterior',
        'A',
        '--engine',
        engine,
        '--proposal',
        out,
        '-n',
        '400',
      ]);
      const draws = run.document['draws'] as readonly { readonly text: string }[];
      expect(draws).toHaveLength(400);
      expect(
        draws.filter((d) => /ab|fa/.test(d.text)),
        engine,
      ).toEqual([]);
    }
    const one = await postJson([
      'sample',
      MARKOV,
      '--posterior',
      'A',
      '--engine',
      'importance',
      '--proposal',
      out,
      '--workers',
      '1',
    ]);
    const two = await postJson([
      'sample',
      MARKOV,
      '--posterior',
      'A',
      '--engine',
      'importance',
      '--proposal',
      out,
      '--workers',
      '2',
    ]);
    expect(two.document['draws']).toEqual(one.document['draws']);
  });

  it('has to have the tokens of the prior', { timeout: 60_000 }, async () => {
    const out = join(scratch, 'tokens');
    await post([...FIT, '--out', out]);
    const file = model('tokens-model', `${BIGRAM}posterior = prior * exp(length)\n`);
    const run = await post(['sample', file, '--engine', 'importance', '--proposal', out]);
    expect(run.stderr).toContain('P503');
    const none = await post(['sample', file, '--engine', 'importance', '--proposal', join(scratch, 'nowhere')]);
    expect(none.stderr).toContain('P500');
  });
});
