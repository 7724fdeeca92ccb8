import { describe, expect, it } from 'vitest';
import type { LanguageModel } from '@postulate/models';
import { enumerateTraces, properWeightingLaws, weightedResult, zGate } from '../../../testing/src/index.ts';
import { seededChooser, type Target } from '../../src/index.ts';
import { importanceEngine } from '../../src/engines/importance/index.ts';
import { target } from '../bind/support.ts';
import { gamma, key } from '../support/toy.ts';

const bigram = (a: number, b: number, end: number): string =>
  `bigram({ "^": { "a": ${a}, "b": ${b}, "$": ${end} }, "a": { "b": 0.4, "$": 0.6 }, "b": { "b": ${b}, "$": ${1 - b} } }, max_tokens = 2)`;
const PRIOR = `prior = ${bigram(0.5, 0.3, 0.2)}\n`;

/** The prior of a program, as something to propose from. */
const law = async (text: string): Promise<LanguageModel> =>
  (await target(`prior = ${text}\nposterior = prior * exp(length)`)).prior;

async function propose(t: Target, proposal: LanguageModel, options: object, chooser = seededChooser('q')) {
  const all = { ...importanceEngine.defaults, ...options };
  let state = await importanceEngine.init(t, all, { draws: 2, budget: Infinity, proposal }, chooser);
  for (;;) {
    const step = await importanceEngine.step(state, chooser);
    ({ state } = step);
    if (step.done) return importanceEngine.finish(state);
  }
}

describe('importance from another law', () => {
  it.each([
    ['prior * exp(count("b"))', { proposals: 2, resample: false }],
    ['prior * exp(count("b"))', { proposals: 3, batch: 2, resample: false }],
    ['prior * exp(count("b"))', { proposals: 3 }],
    ['prior | contains("b")', { proposals: 3 }],
  ])('is properly weighted on every path: %s %j', async (posterior, options) => {
    const t = await target(`${PRIOR}posterior = ${posterior}`);
    const q = await law(bigram(0.2, 0.7, 0.1));
    const traces = await enumerateTraces(async (c) => {
      try {
        return weightedResult(await propose(t, q, options, c), key);
      } catch {
        return { logZ: -Infinity, particles: [] };
      }
    });
    for (const report of properWeightingLaws(traces, await gamma(t)))
      expect(report, JSON.stringify(report)).toMatchObject({ holds: true });
  });

  it('keeps the prior and the factors of each draw, and their weight apart', async () => {
    const t = await target(`${PRIOR}posterior = prior * exp(count("b"))`);
    const q = await law(bigram(0.2, 0.7, 0.1));
    const { draws, logZ, details } = await propose(t, q, { proposals: 2000, resample: false });
    const batch = { size: 1, tokens: draws[0].tokens, offsets: Int32Array.of(0, draws[0].tokens.length) };
    const sequence = { ...batch, finished: Uint8Array.of(draws[0].finished ? 1 : 0) };
    const [logPrior] = await t.prior.logProb(sequence);
    const [logProposal] = await q.logProb(sequence);
    expect(draws[0].logPrior).toBe(logPrior);
    expect(draws[0].logFactor).toBe([...draws[0].tokens].filter((w) => t.prior.vocabulary.tokens[w] === 'b').length);
    expect(draws[0].logWeight).toBeCloseTo(logPrior + draws[0].logFactor - logProposal, 14);
    expect([...details!.logWeights!]).toEqual(draws.map((d) => d.logWeight));
    const truth = [...(await gamma(t)).values()].reduce((a, b) => a + b, 0);
    // False alarm 1e-6 under a fixed seed.
    expect(zGate(logZ!.value, logZ!.standardError!, Math.log(truth), { falseAlarm: 1e-6 })).toMatchObject({
      passes: true,
    });
  });

  it('gives texts that the prior cannot produce weight zero, and says so where there is nothing else', async () => {
    const t = await target(
      'prior = bigram({ "^": { "a": 1 }, "a": { "$": 1 }, "b": { "$": 1 } }, max_tokens = 2)\nposterior = prior * exp(length)',
    );
    const one = 'bigram({ "^": { "a": A, "b": B }, "a": { "$": 1 }, "b": { "$": 1 } }, max_tokens = 2)';
    const half = await propose(t, await law(one.replace('A', '0.5').replace('B', '0.5')), { proposals: 400 });
    expect(half.draws.every((d) => t.prior.vocabulary.tokens[d.tokens[0]] === 'a')).toBe(true);
    expect(half.diagnostics.extra['deadFraction']).toBeGreaterThan(0.3);
    expect(half.logZ!.value).toBeCloseTo(1 + Math.log(1 - half.diagnostics.extra['deadFraction']) + Math.log(2), 12);
    const none = propose(t, await law(one.replace('A', '0').replace('B', '1')), { proposals: 10 });
    await expect(none).rejects.toThrow(/P604.*the prior cannot produce 10 of them/);
  });
});
