import { describe, expect, it } from 'vitest';
import { GENERATORS, seededChooser, sigmoid, type Target, type Trainer } from '../../src/index.ts';
import { target } from '../bind/support.ts';
import { differences, expectDirection, listed, moved, trainerOf, type Listed } from './support.ts';

/** Soft, so that every divergence is finite; texts of every length. */
const SOFT =
  'prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 3)\nposterior = prior * exp(0.7 * count("b"))';
const HARD = SOFT.replace('exp(0.7 * count("b"))', 'indicator(not contains("bb"))');

interface Exact {
  readonly list: Listed;
  /** log π of every text. */
  readonly logPi: Float64Array;
}

const sum = (e: Exact, f: (i: number, pi: number) => number): number =>
  e.logPi.reduce((s, l, i) => (l === -Infinity ? s : s + f(i, Math.exp(l))), 0);
const p = ({ list }: Exact, i: number): number => Math.exp(list.logGamma[i] - list.logZ);

const forward = (e: Exact): number => sum(e, (i) => (p(e, i) === 0 ? 0 : p(e, i) * (Math.log(p(e, i)) - e.logPi[i])));
const reverse = (e: Exact): number => sum(e, (i, pi) => pi * (e.logPi[i] - Math.log(p(e, i))));
const divergence =
  (name: string) =>
  (e: Exact): number => {
    const { share } = GENERATORS.find((g) => g.name === name)!;
    return sum(e, (i, pi) => pi * share(p(e, i) === 0 ? Infinity : e.logPi[i] - Math.log(p(e, i))));
  };
const reward = (e: Exact): number => -sum(e, (i, pi) => pi * e.list.logFactor[i]);

/** The DPO loss over all pairs of the prior, labels by Bradley–Terry. */
const preference =
  (scale: number) =>
  (e: Exact): number => {
    const { logPrior, logFactor } = e.list;
    let total = 0;
    for (let i = 0; i < logPrior.length; i++) {
      for (let j = 0; j < logPrior.length; j++) {
        const weight = Math.exp(logPrior[i] + logPrior[j]);
        if (weight === 0) continue;
        const h = scale * (e.logPi[i] - logPrior[i] - e.logPi[j] + logPrior[j]);
        total -= weight * sigmoid(scale * (logFactor[i] - logFactor[j])) * Math.log(sigmoid(h)) * 2;
      }
    }
    return total;
  };

type Objective = readonly [name: string, engine: string, options: object, loss: (e: Exact) => number, file: string];
const OBJECTIVES: readonly Objective[] = [
  ['forward KL', 'gdc', {}, forward, SOFT],
  ['forward KL, on policy', 'gdc', { adaptive: false }, forward, SOFT],
  ['forward KL without a baseline', 'gdc', { baseline: false }, forward, SOFT],
  ['forward KL of a hard constraint', 'gdc', {}, forward, HARD],
  ['forward KL, half of the texts from elsewhere', 'gdc', { proposal: 'weighted-decoding' }, forward, SOFT],
  [
    'forward KL of a hard constraint, half of the texts from elsewhere',
    'gdc',
    { proposal: 'weighted-decoding', adaptive: false },
    forward,
    HARD,
  ],
  ['reverse KL', 'kl-rl', {}, reverse, SOFT],
  ['reverse KL, half of the texts from elsewhere', 'kl-rl', { proposal: 'weighted-decoding' }, reverse, SOFT],
  ['reverse KL with exact token divergences', 'kl-rl', { control: 'prior' }, reverse, SOFT],
  ['reverse KL by the first step of PPO', 'kl-rl', { method: 'ppo', epochs: 1 }, reverse, SOFT],
  ['reverse KL by trajectory balance', 'trajectory-balance', { replay: 0, explore: 0 }, reverse, SOFT],
  ['reverse KL of a guided policy', 'kl-rl', { guide: 'states', guideRate: 0, control: 'start' }, reverse, SOFT],
  ['reverse KL of a policy guided by rows', 'kl-rl', { guide: 'rows', guideRate: 0, control: 'ahead' }, reverse, SOFT],
  ['forward KL of a guided policy, hard', 'gdc', { guide: 'states', guideRate: 0 }, forward, HARD],
  ['reward alone', 'rl', {}, reward, SOFT],
  ['preferences', 'dpo', {}, preference(1), SOFT],
  ['preferences of less noise', 'dpo', { scale: 2 }, preference(2), SOFT],
  ...GENERATORS.map((g): Objective => [g.name, 'f-dpg', { divergence: g.name }, divergence(g.name), SOFT]),
  ...['tv', 'js', 'chi2-forward', 'forward-kl'].map((d): Objective => [
    `${d}, hard`,
    'f-dpg',
    { divergence: d },
    divergence(d),
    HARD,
  ]),
];

/** Where the engine keeps a Z, it is told the true one, as if from many batches. */
async function withTrueZ(trainer: Trainer, { logZ }: Listed): Promise<void> {
  const c = await trainer.checkpoint();
  const memory = {
    ...c.memory,
    arrays: { ...c.memory.arrays, zSums: Float64Array.of(logZ), zCounts: Float64Array.of(1) },
  };
  await trainer.restore({ ...c, memory });
}

/** Steps whose directions are averaged, and texts in each. */
const STEPS = 2000;
const BATCH = 8;

describe.each(OBJECTIVES)('gradient of %s (%s %j)', (_, engine, options, loss, file) => {
  it('is that of the exact objective, on average', { timeout: 120_000 }, async () => {
    const t: Target = await target(file);
    const trainer = await trainerOf(engine, t, { steps: 1e9, batch: BATCH, schedule: 'constant', ...options });
    const { policy } = trainer;
    const at = await moved(policy);
    const list = await listed(t);
    const exact = await differences(policy, at, async () => -loss({ list, logPi: await policy.logProb(list.batch) }));
    await withTrueZ(trainer, list);
    const start = await trainer.checkpoint();
    await expectDirection(trainer, { start, at, exact, steps: STEPS });
  });
});

it('seeds differ from step to step', async () => {
  const t = await target(SOFT);
  const a = await trainerOf('gdc', t, { batch: 4 }, seededChooser('x'));
  const b = await trainerOf('gdc', t, { batch: 4 }, seededChooser('x'));
  expect(await a.advance()).toEqual(await b.advance());
  expect((await a.advance()).loss).not.toBe((await a.advance()).loss);
});
