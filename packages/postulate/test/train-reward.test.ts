import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { scratchFolder, wordTexts, worth, writeBase } from '../../models/test/rewards/words.ts';
import { inProcess, inProcessJson } from './helpers/in-process.ts';

const folder = scratchFolder();
const at = (name: string): string => join(folder, name);
const QUICK = ['--epochs', '12', '--rate', '0.03'];

beforeAll(async () => {
  await writeBase(at('base'));
  const pairs = Array.from({ length: 900 }, (_, i) => wordTexts(2, `pair ${i}`))
    .filter(([a, b]) => worth(a) !== worth(b))
    .map(([a, b]) => (worth(a) > worth(b) ? { chosen: a, rejected: b } : { chosen: b, rejected: a }));
  const labels = wordTexts(300, 'labels').map((text) => ({ text, label: worth(text) > 0 ? 'nice' : 'other' }));
  writeFileSync(at('pairs.jsonl'), pairs.map((p) => JSON.stringify(p)).join('\n'));
  writeFileSync(at('labels.jsonl'), labels.map((p) => JSON.stringify(p)).join('\n'));
  writeFileSync(at('bad.jsonl'), '{"chosen": "a", "rejected": "b"}\n{"chosen": "a"}\n');
});

const train = (data: string, out: string, more: readonly string[] = []) =>
  inProcess(['train-reward', at(data), '--base', at('base'), '--out', at(out), ...QUICK, ...more]);

const PRIOR = 'prior = tabular({ "lovely kind day tree": 1, "rain house road river": 1, "awful rude day tree": 1 })\n';

async function expectation(program: string): Promise<Readonly<Record<string, number>>> {
  writeFileSync(at('model.post'), PRIOR + program);
  const { document } = await inProcessJson(['sample', at('model.post'), '--engine', 'exact', '-n', '0']);
  const values = document['expectations'] as Readonly<Record<string, { readonly value: number }>>;
  return Object.fromEntries(Object.entries(values).map(([name, e]) => [name, e.value]));
}

describe('post train-reward', () => {
  it('learns from pairs; programs use what it wrote', async () => {
    const { code, stdout } = await train('pairs.jsonl', 'judge');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/wrote .*judge \(bt\); on \d+ held-out examples: accuracy 0\.\d+.*calibration error/),
    ]);
    expect(readFileSync(at('judge/README.md'), 'utf8')).toContain('exp(reward_model("judge") / beta)');
    const steered = await expectation(
      'kind = contains("kind")\nposterior = prior * exp(reward_model("judge") / 0.5)\n',
    );
    expect(steered['kind']).toBeGreaterThan(1 / 3 + 0.2);
  });

  it('members of an ensemble are a random score', async () => {
    expect((await train('pairs.jsonl', 'judges', ['--ensemble', '3'])).code).toBe(0);
    const found = await expectation(
      'belief = uncertain_reward("judges", atoms = 6)\nmiddle = mean(belief)\nplain = reward_model("judges")\ndoubt = sd(belief)\n' +
        'low = lower(belief, 1)\nposterior = prior * exp(low)\n',
    );
    expect(found['middle']).toBeCloseTo(found['plain'], 6);
    expect(found['doubt']).toBeGreaterThan(0.001);
    expect(found['low']).toBeCloseTo(found['middle'] - found['doubt'], 8);
  });

  it('learns labels, and tells which there are', async () => {
    expect((await train('labels.jsonl', 'polite')).code).toBe(0);
    const found = await expectation(
      'nice = exp(classifier("polite", label = "nice"))\nother = exp(classifier("polite", label = "other"))\nposterior = prior * nice\n',
    );
    expect(found['nice'] + found['other']).toBeCloseTo(1, 8);
    writeFileSync(at('bad.post'), `${PRIOR}posterior = prior * exp(classifier("polite", label = "nise"))\n`);
    const { code, stderr } = await inProcess(['sample', at('bad.post'), '--engine', 'exact']);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/P521.*no label "nise"/);
    expect(stderr).toContain('did you mean "nice"?');
  });

  it('the same seed gives the same model; goes on only with the same training', async () => {
    const one = readFileSync(at('judge/model.safetensors'));
    expect((await train('pairs.jsonl', 'again')).code).toBe(0);
    expect(readFileSync(at('again/model.safetensors')).equals(one)).toBe(true);
    expect((await train('pairs.jsonl', 'again')).stderr).toContain('is there already');
    expect((await train('pairs.jsonl', 'again', ['--seed', '1', '--resume'])).stderr).toContain('other options');
    expect((await train('pairs.jsonl', 'again', ['--resume'])).code).toBe(0);
    expect(readFileSync(at('again/model.safetensors')).equals(one)).toBe(true);
  });

  it('refuses data that it cannot learn from, with the line, and leaves no folder', async () => {
    const { code, stderr } = await train('bad.jsonl', 'none');
    expect(code).toBe(3);
    expect(stderr).toMatch(/P522.*line 2 of .*bad\.jsonl.*no "rejected"/);
    expect(existsSync(at('none'))).toBe(false);
    expect((await train('pairs.jsonl', 'none', ['--kind', 'x'])).stderr).toContain('--kind is one of bt, label');
    expect((await train('pairs.jsonl', 'none', ['--kind', 'label'])).stderr).toMatch(/P522.*line 1.*no "text"/);
  });
});
