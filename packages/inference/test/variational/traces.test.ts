import { describe, expect, it } from 'vitest';
import { enumerateTraces, expectation } from '../../../testing/src/index.ts';
import { target } from '../bind/support.ts';
import { TOY } from '../support/toy.ts';
import { differences, directionOf, listed, moved, trainerOf } from './support.ts';

type Loss = (logPi: Float64Array, logP: Float64Array, logFactor: Float64Array) => number;

const each = (logPi: Float64Array, f: (i: number, pi: number) => number): number =>
  logPi.reduce((s, l, i) => (l === -Infinity ? s : s + f(i, Math.exp(l))), 0);
const reverse: Loss = (logPi, logP) => each(logPi, (i, pi) => pi * (logPi[i] - logP[i]));
const forward: Loss = (logPi, logP) => -each(logPi, (i) => (logP[i] === -Infinity ? 0 : Math.exp(logP[i]) * logPi[i]));
const reward: Loss = (logPi, _, logFactor) => -each(logPi, (i, pi) => pi * logFactor[i]);

const SOFT = 'prior * exp(count("b"))';
/** Automaton with a state for the prefixes that have it, beside one with outputs. */
const RARE = 'prior * exp(2 * indicator(contains("ab"))) * exp(count("a") / 3)';
/** Nothing changes the value once it is found. */
const FOUND = 'prior * exp(2 * indicator(contains("a")))';
/** A text that has not begun it in time cannot have it any more. */
const LATE = 'prior * exp(2 * indicator(contains("ab")))';
/** Hard, and more than that. */
const KEPT = 'prior * indicator(not contains("bb")) * exp(count("b"))';
/** Estimated on one text, which is a draw on the way to every path: the guide is another on each. */
const GUIDED = { guide: 'states', guideDraws: 1, guideRate: 0 };
/** And what a text of a look-ahead says of the rows. */
const BY_ROWS = { ...GUIDED, guide: 'rows' };
/** Half of the texts are the prior's, which writes what the guide rules out. */
const ELSEWHERE = { proposal: 'weighted-decoding', 'proposal.strength': 0 };
const PLANS: readonly (readonly [string, object, string, Loss])[] = [
  ['kl-rl', {}, SOFT, reverse],
  ['kl-rl', { proposal: 'weighted-decoding' }, SOFT, reverse],
  ['kl-rl', { proposal: 'weighted-decoding', proposalBase: 'policy' }, SOFT, reverse],
  ['kl-rl', { control: 'prior', proposal: 'weighted-decoding', proposalShare: 0.2 }, SOFT, reverse],
  ['kl-rl', { control: 'prior', proposal: 'weighted-decoding', proposalShare: 0.9 }, SOFT, reverse],
  ['kl-rl', { control: 'prior' }, SOFT, reverse],
  ['kl-rl', { control: 'prior', proposal: 'weighted-decoding' }, SOFT, reverse],
  ['kl-rl', { control: 'prior' }, RARE, reverse],
  ['kl-rl', { control: 'prior', proposal: 'weighted-decoding', proposalShare: 0.3 }, RARE, reverse],
  ['kl-rl', { control: 'prior' }, FOUND, reverse],
  ['kl-rl', { control: 'prior', proposal: 'weighted-decoding', proposalBase: 'policy' }, FOUND, reverse],
  ['kl-rl', { control: 'prior', proposal: 'weighted-decoding', proposalShare: 0.3 }, LATE, reverse],
  ['kl-rl', { control: 'ahead', proposal: 'weighted-decoding', proposalBase: 'policy' }, LATE, reverse],
  ['kl-rl', { control: 'ahead', proposal: 'weighted-decoding', 'proposal.scorer': 'prefix' }, RARE, reverse],
  ['kl-rl', { control: 'ahead', proposal: 'weighted-decoding', 'proposal.scorer': 'none' }, LATE, reverse],
  ['kl-rl', { control: 'ahead', proposal: 'weighted-decoding', controlDepth: 1 }, RARE, reverse],
  ['kl-rl', { control: 'proposal', proposal: 'weighted-decoding', proposalShare: 0.3 }, SOFT, reverse],
  ['kl-rl', { control: 'proposal', proposal: 'weighted-decoding', proposalBase: 'policy' }, RARE, reverse],
  ['kl-rl', { ...GUIDED }, LATE, reverse],
  ['kl-rl', { ...GUIDED, control: 'prior' }, SOFT, reverse],
  ['kl-rl', { ...GUIDED, control: 'start' }, LATE, reverse],
  ['kl-rl', { ...GUIDED, control: 'ahead', proposal: 'weighted-decoding', proposalBase: 'policy' }, LATE, reverse],
  ['kl-rl', { ...BY_ROWS }, SOFT, reverse],
  ['kl-rl', { ...BY_ROWS, control: 'ahead', proposal: 'weighted-decoding', proposalBase: 'policy' }, LATE, reverse],
  ['kl-rl', { control: 'ahead' }, RARE, reverse],
  ['kl-rl', { control: 'start' }, RARE, reverse],
  ['kl-rl', { ...GUIDED, control: 'prior' }, KEPT, reverse],
  ['kl-rl', { ...GUIDED, ...ELSEWHERE }, KEPT, reverse],
  ['kl-rl', { ...GUIDED, control: 'prior', ...ELSEWHERE }, KEPT, reverse],
  ['kl-rl', { ...GUIDED, method: 'ppo', epochs: 1 }, KEPT, reverse],
  ['rl', { ...GUIDED }, KEPT, reward],
  ['kl-rl', { method: 'ppo', epochs: 1 }, SOFT, reverse],
  ['trajectory-balance', { replay: 0, explore: 0 }, SOFT, reverse],
  ['gdc', {}, SOFT, forward],
  ['gdc', { proposal: 'weighted-decoding' }, SOFT, forward],
  ['gdc', { proposal: 'weighted-decoding', proposalShare: 0.2 }, SOFT, forward],
  ['gdc', { control: 'prior' }, SOFT, forward],
  ['gdc', { control: 'prior', proposal: 'weighted-decoding' }, SOFT, forward],
  ['gdc', { control: 'prior', proposal: 'weighted-decoding', proposalBase: 'policy' }, SOFT, forward],
  ['gdc', { control: 'prior' }, 'prior | not contains("bb")', forward],
  ['gdc', { control: 'prior' }, RARE, forward],
  ['gdc', { control: 'prior', proposal: 'weighted-decoding' }, FOUND, forward],
  ['gdc', { control: 'prior', proposal: 'weighted-decoding' }, LATE, forward],
  ['gdc', { control: 'ahead', proposal: 'weighted-decoding' }, LATE, forward],
  ['gdc', { control: 'ahead', proposal: 'weighted-decoding', 'proposal.scorer': 'none' }, LATE, forward],
  ['gdc', { control: 'proposal', proposal: 'weighted-decoding' }, SOFT, forward],
  ['gdc', { control: 'proposal', proposal: 'weighted-decoding', proposalBase: 'policy' }, RARE, forward],
  ['gdc', { ...GUIDED }, 'prior | not contains("bb")', forward],
  ['gdc', { ...GUIDED, control: 'start' }, LATE, forward],
  ['gdc', { ...BY_ROWS, control: 'ahead' }, KEPT, forward],
  ['gdc', { ...GUIDED, control: 'prior' }, KEPT, forward],
  ['gdc', { ...GUIDED, control: 'proposal', proposal: 'weighted-decoding' }, KEPT, forward],
  ['gdc', { adaptive: false }, 'prior | not contains("bb")', forward],
  ['f-dpg', { divergence: 'forward-kl' }, 'prior | not contains("bb")', forward],
  ['f-dpg', { divergence: 'reverse-kl' }, SOFT, reverse],
  ['rl', {}, SOFT, reward],
];

/** The step's direction in expectation over every path of its draws, against the gradient of the exact objective. */
describe('every path of a step', () => {
  it.each(PLANS)('%s %j on %s goes along the gradient in expectation', async (engine, options, posterior, loss) => {
    const t = await target(`${TOY}posterior = ${posterior}`);
    const list = await listed(t);
    const logP = list.logGamma.map((l) => l - list.logZ);
    const trainer = await trainerOf(engine, t, { steps: 1e9, batch: 2, schedule: 'constant', ...options });
    const at = await moved(trainer.policy);
    const exact = await differences(trainer.policy, at, async () => {
      return -loss(await trainer.policy.logProb(list.batch), logP, list.logFactor);
    });
    const traces = await enumerateTraces(
      async (chooser) => {
        const one = await trainerOf(engine, t, { steps: 1e9, batch: 2, schedule: 'constant', ...options }, chooser);
        await one.policy.restore(at);
        const c = await one.checkpoint();
        const arrays = { ...c.memory.arrays, zSums: Float64Array.of(list.logZ), zCounts: Float64Array.of(1) };
        await one.restore({ ...c, memory: { ...c.memory, arrays } });
        await one.advance();
        return directionOf(one.policy);
      },
      { maxTraces: 50_000 },
    );
    const mean = exact.map((_, k) => expectation(traces, (direction) => direction[k]));
    mean.forEach((m, k) => expect(m, `logit ${k}`).toBeCloseTo(exact[k], 8));
  });
});
