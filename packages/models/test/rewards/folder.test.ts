import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sigmoid } from '@postulate/graph';
import { beforeAll, describe, expect, test } from 'vitest';
import { seededChooser } from '../../../inference/src/chooser/index.ts';
import { openBase, openReward, parseRewardData, REWARD_RECIPE, type RewardKind, type RewardModel, RewardFit, writeReward } from '../../src/rewards/index.ts'; // prettier-ignore
import { encodeSafetensors } from '../../src/weights/index.ts';
import { runtime, toyDecoder } from './support.ts';
import { scratchFolder, wordTexts, worth, writeBase } from './words.ts';

const folder = scratchFolder();
const base = join(folder, 'base');
beforeAll(() => writeBase(base));

const uniform = seededChooser('judges').uniform as () => number;
const lines = (values: readonly object[]): string => values.map((v) => JSON.stringify(v)).join('\n');

const PAIRS = lines(
  Array.from({ length: 600 }, (_, i) => wordTexts(2, `pair ${i}`))
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => (uniform() < sigmoid(1.5 * (worth(a) - worth(b))) ? { chosen: a, rejected: b } : { chosen: b, rejected: a })),
); // prettier-ignore
const TEXTS = wordTexts(600, 'single');
const DATA: Readonly<Record<RewardKind, string>> = {
  bt: PAIRS,
  dpl: PAIRS,
  categorical: PAIRS,
  label: lines(TEXTS.map((text) => ({ text, label: worth(text) > 0 ? 'nice' : worth(text) < 0 ? 'nasty' : 'plain' }))),
  gaussian: lines(TEXTS.map((text) => ({ text, rating: 50 + 10 * worth(text) + 3 * (uniform() - 0.5) }))),
  beta: lines(
    TEXTS.map((text) => {
      const approvals = Array.from({ length: 10 }, () => uniform() < sigmoid(worth(text))).filter(Boolean).length;
      return { text, approvals, of: 10 };
    }),
  ),
};

async function trained(name: string, kind: RewardKind, recipe = {}): Promise<RewardModel> {
  const data = parseRewardData(DATA[kind], 'data.jsonl', kind);
  const opened = await openBase(base, runtime);
  const fit = new RewardFit(
    opened,
    kind,
    data,
    { ...REWARD_RECIPE, epochs: 20, rate: 0.03, ...recipe },
    seededChooser(name),
  );
  await fit.prepare(() => undefined);
  const members = [];
  for (let m = 0; m < fit.recipe.ensemble; m++) {
    const member = fit.member(m);
    while (member.stepsDone < member.steps) await member.step();
    members.push(member.weights);
  }
  const { config, judgement } = await fit.finish(members, '../base');
  expect(judgement.examples).toBeGreaterThan(20);
  JUDGED.set(name, judgement);
  await writeReward(join(folder, name), { config, members }, '# card\n');
  return openReward(join(folder, name), name, runtime);
}

const JUDGED = new Map<string, Awaited<ReturnType<RewardFit['finish']>>['judgement']>();
const SOME = ['lovely kind day tree', 'rain house road river', 'awful rude day tree'];

test.each(['bt', 'dpl', 'categorical', 'gaussian', 'beta'] as const)('%s: learned, written and read', async (kind) => {
  const model = await trained(kind, kind);
  const values = model.rewards(await model.outputs(SOME), 3);
  expect(values[0]).toBeGreaterThan(values[1]);
  expect(values[1]).toBeGreaterThan(values[2]);
  if (kind === 'gaussian') {
    expect(Math.abs(values[0] - 70)).toBeLessThan(8);
    expect(JUDGED.get(kind)!.explained).toBeGreaterThan(0.8);
  }
  if (kind === 'beta') for (const v of values) expect(v).toBeGreaterThan(0);
  if (kind === 'bt' || kind === 'dpl' || kind === 'categorical')
    expect(JUDGED.get(kind)!.accuracy).toBeGreaterThan(0.68);
  const outputs = await model.outputs(SOME);
  const atoms = Array.from({ length: 5 }, (_, i) => model.slice(outputs, 3, i, 5));
  values.forEach((v, i) => expect(atoms.reduce((sum, a) => sum + a[i] / 5, 0)).toBeCloseTo(v, 5));
  if (kind !== 'bt') expect(atoms[4][0]).toBeGreaterThan(atoms[0][0]);
});

test('a classifier gives the log-probability of a label, and what can be pushed towards', async () => {
  const model = await trained('label', 'label');
  expect(model.config.labels).toEqual(expect.arrayContaining(['nice', 'nasty', 'plain']));
  const outputs = await model.outputs(SOME);
  const laws = model.config.labels.map((label) => model.labelLogProbs(outputs, 3, model.labelIndex(label)));
  for (let i = 0; i < 3; i++) expect(laws.reduce((sum, law) => sum + Math.exp(law[i]), 0)).toBeCloseTo(1, 6);
  const nice = laws[model.labelIndex('nice')];
  expect(nice[0]).toBeGreaterThan(nice[2] + 1);
  expect(JUDGED.get('label')!.accuracy).toBeGreaterThan(0.7);
  expect(model.linear(0)).toMatchObject({ labels: 3, label: 0 });
  expect(() => model.labelIndex('nic')).toThrow(/P521.*no label "nic"/);
  expect(() => model.requireReward()).toThrow(/P521.*is a classifier/);
});

test('members of an ensemble differ; a transformer head learns too', async () => {
  const model = await trained('many', 'bt', { ensemble: 3, epochs: 3 });
  const outputs = await model.outputs(SOME);
  expect(outputs.length).toBe(3);
  const atoms = Array.from({ length: 3 }, (_, i) => model.slice(outputs, 3, i, 3));
  expect(atoms[2][0]).toBeGreaterThan(atoms[0][0] + 0.01);
  const block = await trained('block', 'bt', { head: 'transformer', epochs: 3, rate: 0.003 });
  const values = block.rewards(await block.outputs(SOME), 3);
  expect(values[0]).toBeGreaterThan(values[2]);
  expect(JUDGED.get('block')!.accuracy).toBeGreaterThan(0.7);
});

test('another base, and folders that are none', async () => {
  await trained('moved', 'bt', { epochs: 1 });
  const config = JSON.parse(readFileSync(join(folder, 'moved', 'config.json'), 'utf8'));
  await writeBase(join(folder, 'other'), 'other');
  writeFileSync(join(folder, 'moved', 'config.json'), JSON.stringify({ ...config, base: { ...config.base, source: '../other' } })); // prettier-ignore
  await expect(openReward(join(folder, 'moved'), 'moved', runtime)).rejects.toThrow(/P521.*another "..\/other"/);
  await expect(openReward(join(folder, 'none'), 'none', runtime)).rejects.toThrow(/P521.*no reward model/);
  await expect(openReward(base, 'base', runtime)).rejects.toThrow(/P521.*no reward model or classifier/);
});

test('a sequence classifier in the Hugging Face layout', async () => {
  const path = join(folder, 'hf');
  await writeBase(path);
  const weights = await import('../../src/weights/index.ts').then(({ openWeights }) => openWeights(path));
  const tensors = [];
  for (const [name, { shape }] of weights.tensors) tensors.push({ name, shape, data: await weights.read(name) });
  const score = Float32Array.from({ length: 128 }, (_, i) => Math.sin(i));
  writeFileSync(
    join(path, 'model.safetensors'),
    encodeSafetensors([...tensors, { name: 'score.weight', shape: [2, 64], data: score }]),
  );
  const config = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'));
  const put = (more: object) => writeFileSync(join(path, 'config.json'), JSON.stringify({ ...config, ...more }));
  put({ architectures: ['LlamaForSequenceClassification'], id2label: { 0: 'NEGATIVE', 1: 'POSITIVE' } });
  const model = await openReward(path, 'hf', runtime);
  expect(model.config.labels).toEqual(['NEGATIVE', 'POSITIVE']);
  const [logits] = await model.outputs(['kind day', 'awful']);
  // By hand: the state after the text's own tokens, nothing in front, times the scores.
  const bare = await openBase(path, runtime, true);
  const { TextStates } = await import('../../src/rewards/states.ts');
  const { states } = await new TextStates(bare.decoder, model.config.head, new Int32Array()).of([
    bare.encode('kind day'),
  ]);
  for (const k of [0, 1]) {
    const expected = states.reduce((sum, x, j) => sum + x * score[k * 64 + j], 0);
    expect(logits[k]).toBeCloseTo(expected, 4);
  }
  expect(toyDecoder().end).toBe(0);
});

describe('data', () => {
  const refused = (content: string, kind?: RewardKind): string => {
    try {
      parseRewardData(content, 'd.jsonl', kind);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  const good = '{"prompt": "a ", "chosen": "b", "rejected": "c"}';
  test('a prompt stands before both texts, and keeps pairs together', () => {
    const { kind, texts, examples, keys } = parseRewardData(`${good}\n\n${good}\n`, 'd.jsonl');
    expect([kind, texts, keys]).toEqual(['bt', ['a b', 'a c'], ['a ', 'a ']]);
    expect(examples).toEqual([
      { kind: 'pair', chosen: 0, rejected: 1 },
      { kind: 'pair', chosen: 0, rejected: 1 },
    ]);
  });
  test.each([
    [`${good}\nnonsense`, /line 2 of "d.jsonl".*not JSON/],
    [`${good}\n\n[1]`, /line 3.*not a JSON object/],
    ['{"chosen": "b"}', /line 1.*no "rejected"/],
    ['{"chosen": "b", "rejected": 3}', /"rejected" is 3, not a string/],
    ['{"chosen": "b", "rejected": "b"}', /the same text/],
    ['{"text": "a", "rating": "5"}', /"rating" is "5", not a number/],
    ['{"text": "a", "approvals": 4, "of": 3}', /4 of 3 raters/],
    ['{"text": "a", "approvals": -1, "of": 3}', /whole number of at least 0/],
    [`${good}\n{"text": "a", "label": "b"}`, /line 2.*no "chosen"/],
    ['{"txt": 1}', /its fields are txt/],
    ['', /no example/],
  ])('%s', (content, message) => expect(refused(content)).toMatch(message));
  test('what a kind of head cannot learn from', () => {
    expect(refused('{"text": "a", "label": "b"}', 'bt')).toMatch(/no "chosen"/);
  });
});
