import { expect, it } from 'vitest';
import { run } from '../../src/index.ts';
import { rateAt, TRAINING_DEFAULTS } from '../../src/variational/options.ts';
import { everySequence, target } from '../bind/support.ts';
import { TOY } from '../support/toy.ts';
import { moved, trainerOf } from './support.ts';

const SOFT = `${TOY}posterior = prior * exp(count("b"))`;

it('a proposal over the policy follows it, one over the prior stays', async () => {
  const t = await target(SOFT);
  const all = everySequence(t.prior);
  const lawsOf = async (proposalBase: string) => {
    const options = { proposal: 'weighted-decoding', proposalBase, steps: 2, batch: 8 };
    const { policy, training } = await trainerOf('gdc', t, options);
    const [law] = training.proposals!;
    const before = await law.logProb(all);
    await moved(policy);
    const after = await law.logProb(all);
    expect(after.reduce((s, l) => s + Math.exp(l), 0)).toBeCloseTo(1, 10);
    return [before, after] as const;
  };
  const [[start, following], [same, staying]] = [await lawsOf('policy'), await lawsOf('prior')];
  start.forEach((l, i) => expect(Math.exp(l)).toBeCloseTo(Math.exp(same[i]), 10));
  expect(staying).toEqual(same);
  expect(Math.max(...following.map((l, i) => Math.abs(Math.exp(l) - Math.exp(start[i]))))).toBeGreaterThan(0.01);
});

it('runs train with one too', async () => {
  const t = await target(SOFT);
  const logZ = async (options: object): Promise<number> => {
    const given = { steps: 40, batch: 64, proposal: 'weighted-decoding', 'proposal.strength': 0.5, ...options };
    return (await run(t, { engine: 'kl-rl', options: given, draws: 0, seed: 'base' })).logZ!.value;
  };
  expect(await logZ({ proposalBase: 'policy' })).not.toBe(await logZ({}));
});

it('the learning rate rises over the steps of warmup, and then keeps to its schedule', () => {
  const rates = (schedule: string): readonly number[] =>
    Array.from({ length: 6 }, (_, step) => rateAt({ ...TRAINING_DEFAULTS, steps: 8, schedule, warmup: 4 }, step));
  expect(rates('constant')).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
  expect(rates('linear')).toEqual([0.25, 0.4375, 0.5625, 0.625, 0.5, 0.375]);
  expect(rateAt({ ...TRAINING_DEFAULTS, schedule: 'constant' }, 0)).toBe(1);
});
