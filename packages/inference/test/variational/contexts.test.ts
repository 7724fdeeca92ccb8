import { describe, expect, it } from 'vitest';
import {
  engineNamed,
  seededChooser,
  type Target,
  type Trainer,
  type TrainingOptions,
  type VariationalEngine,
} from '../../src/index.ts';
import { bindAll } from '../bind/support.ts';
import { besides, differences, expectDirection, forwardKl, listed, moved, type Listed } from './support.ts';

const FAMILY =
  'context c in ["a", "b", "ab", "bb"]\n' +
  'prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "a": 0.3, "b": 0.3, "c": 0.1, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 }, "c": { "c": 0.9, "$": 0.1 } }, max_tokens = 3, prompt = c)\n' +
  'posterior = prior * exp(count("b") / 0.5)\n';

async function familyTrainer(engine: string, targets: readonly Target[], options: object): Promise<Trainer> {
  const found = engineNamed(engine) as unknown as VariationalEngine<TrainingOptions>;
  const steered = 'proposal' in options;
  const given = steered ? { proposals: await Promise.all(targets.map((t) => besides(t, 'weighted-decoding'))) } : {};
  return found.train(targets, { ...found.defaults, clip: 1e9, ...options }, given, seededChooser('0'));
}

type Objective = (list: Listed, logPi: Float64Array) => number;
/** E_p log π and −KL(π ‖ p), which differ from what the engines go up on by constants. */
const forward: Objective = ({ logGamma, logZ }, logPi) =>
  logPi.reduce((s, l, i) => (l === -Infinity ? s : s + Math.exp(logGamma[i] - logZ) * l), 0);
const reverse: Objective = ({ logGamma, logZ }, logPi) =>
  logPi.reduce((s, l, i) => (l === -Infinity ? s : s + Math.exp(l) * (logGamma[i] - logZ - l)), 0);
const FAMILIES: readonly (readonly [string, object, Objective])[] = [
  ['gdc', {}, forward],
  ['gdc', { proposal: 'weighted-decoding' }, forward],
  ['gdc', { proposal: 'weighted-decoding', control: 'prior' }, forward],
  ['kl-rl', { proposal: 'weighted-decoding' }, reverse],
  ['kl-rl', { proposal: 'weighted-decoding', control: 'prior' }, reverse],
  ['kl-rl', { guide: 'states', guideDraws: 100, guideRate: 0, control: 'start' }, reverse],
  ['kl-rl', { guide: 'rows', guideDraws: 100, guideRate: 0, control: 'ahead' }, reverse],
];

/** Texts in a step, and steps whose directions are averaged. */
const BATCH = 8;
const STEPS = 2000;

describe('a family of contexts', () => {
  it('has a guide for each of them, trained on its own texts and read back by number', async () => {
    const targets = (await bindAll(FAMILY)).slice(0, 2);
    const trainer = await familyTrainer('gdc', targets, { guide: 'states', guideDraws: 50, steps: 60, batch: 64 });
    const before = await trainer.policy.snapshot();
    while (!trainer.done) await trainer.advance();
    const after = await trainer.policy.snapshot();
    for (const name of ['guide:value:0', 'guide:value:1']) {
      expect(after.arrays[name], name).not.toEqual(before.arrays[name]);
    }
    for (const [c, t] of targets.entries()) {
      const { batch, logGamma, logZ } = await listed(t);
      const logs = await trainer.policy.laws[c].logProb(batch);
      const kl = logGamma.reduce((s, l, i) => (l === -Infinity ? s : s + Math.exp(l - logZ) * (l - logZ - logs[i])), 0);
      expect(kl, `context ${c}`).toBeLessThan(0.02);
    }
  });

  it.each(FAMILIES)(
    '%s %j goes along the mean over contexts, each with its own Z',
    { timeout: 120_000 },
    async (...of) => {
      const [engine, options, objective] = of;
      const targets = (await bindAll(FAMILY)).slice(0, 2);
      const trainer = await familyTrainer(engine, targets, {
        batch: BATCH,
        steps: 1e9,
        schedule: 'constant',
        ...options,
      });
      const { policy } = trainer;
      const at = await moved(policy);
      const lists = await Promise.all(targets.map(listed));
      expect(Math.abs(lists[0].logZ - lists[1].logZ), 'the constants differ').toBeGreaterThan(0.3);
      const exact = await differences(policy, at, async () => {
        let sum = 0;
        for (const [c, list] of lists.entries()) sum += objective(list, await policy.laws[c].logProb(list.batch)) / 2;
        return sum;
      });
      const c = await trainer.checkpoint();
      const arrays = {
        ...c.memory.arrays,
        zSums: Float64Array.from(lists, (l) => l.logZ),
        zCounts: Float64Array.of(1, 1),
      };
      const start = { ...c, memory: { ...c.memory, arrays } };
      await expectDirection(trainer, { start, at, exact, steps: STEPS });
    },
  );

  it.each(['gdc', 'kl-rl', 'f-dpg', 'trajectory-balance', 'dpo'])(
    '%s comes nearer in every context, and what is shared helps those held out',
    async (engine) => {
      const targets = await bindAll(FAMILY);
      const trainer = await familyTrainer(engine, targets, {
        batch: 64,
        steps: 150,
        heldOut: 0.5,
        clip: 0,
        contexts: 1,
      });
      expect(trainer.training.trained).toEqual([0, 1]);
      const before = await Promise.all(targets.map((t, i) => forwardKl(t, trainer.policy.laws[i])));
      while (!trainer.done) await trainer.advance();
      const laws = await trainer.policy.frozen();
      for (const [i, t] of targets.entries()) {
        expect(await forwardKl(t, laws[i]), `context ${i}`).toBeLessThan(0.5 * before[i]);
      }
    },
  );

  it('draws for the contexts of a step in turn', async () => {
    const targets = await bindAll(FAMILY);
    const trainer = await familyTrainer('gdc', targets, { batch: 8, contexts: 3, steps: 4 });
    const seen = new Set<number>();
    for (let s = 0; s < 4; s++) {
      for (let i = 0; i < 3; i++) seen.add((s * 3 + i) % 4);
      await trainer.advance();
    }
    expect(seen.size).toBe(4);
    const counts = (await trainer.checkpoint()).memory.arrays['zCounts'];
    expect(Array.from(counts).every((c) => c > 2)).toBe(true);
  });
});
