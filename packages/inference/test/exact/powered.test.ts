import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countBy, multinomialGate } from '../../../testing/src/index.ts';
import { slow } from '../../../testing/test/slow.ts';
import { constantMachine, logSumExp, machineValues, noMachine, type Factor, type Target } from '../../src/index.ts';
import { poweredTable, termsOf } from '../../src/dp/index.ts';
import { everySequence, PRIOR, target } from '../bind/support.ts';
import { backoffTable, tokenMachine } from './arbitraries.ts';
import { solve } from './solve.ts';
import { bruteForce, factorOf, functionOf, modelOf, targetOf } from './toys.ts';

const TOKENS = ['a', 'b', 'c'];
const close = (found: number | undefined, expected: number): boolean =>
  found !== undefined && Math.abs(found - expected) <= 1e-10 * Math.max(1, Math.abs(expected));

describe('powers of a back-off prior', () => {
  it('agree with summing every sequence on random tables, without an automaton of the prior', async () => {
    const cases = fc.record({
      table: fc.boolean().chain((interpolated) => backoffTable(3, interpolated)),
      exponent: fc.constantFrom(0.3, 0.5, 1.2, 2, 3.7, -0.5),
      weight: tokenMachine(3, true),
      f: tokenMachine(3, false),
      maxTokens: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ table, exponent, weight, f, maxTokens }) => {
        const model = modelOf(TOKENS, table, maxTokens);
        const { batch, logPrior } = bruteForce(model);
        const own = machineValues(weight, batch);
        const logFactor = logPrior.map((l, i) => (l === -Infinity ? l : (exponent - 1) * l + own[i]));
        const gamma = logPrior.map((l, i) => (l === -Infinity ? l : l + logFactor[i]));
        const logZ = logSumExp(gamma);
        const power: Factor = {
          ...factorOf('power', constantMachine(3, 0)),
          machine: () => noMachine('it is too large'),
          ofPrior: () => ({ power: exponent - 1, machine: constantMachine(3, 0) }),
        };
        const t = targetOf(model, [power, factorOf('w', weight)], [functionOf('f', f)]);
        if (logZ === -Infinity) return void (await expect(solve(t, { method: 'dp' })).rejects.toThrow('P403'));
        const mean = (v: ArrayLike<number>): number =>
          gamma.reduce((s, l, i) => (l === -Infinity ? s : s + Math.exp(l - logZ) * v[i]), 0);
        const r = await solve(t, { method: 'dp' }, 5);
        const found = [r.logZ!.value, r.entropy!.value, r.klToPrior!.value, r.expectations['f']!.value];
        const expected = [logZ, logZ - mean(gamma), mean(logFactor) - logZ, mean(machineValues(f, batch))];
        found.forEach((x, i) => {
          if (!close(x, expected[i])) throw new Error(`figure ${i}: found ${x}, expected ${expected[i]}`);
        });
        for (const d of r.draws) {
          const row = Array.from({ length: batch.size }, (_, i) => i).find(
            (i) =>
              (batch.finished[i] === 1) === d.finished &&
              batch.tokens.slice(batch.offsets[i], batch.offsets[i + 1]).join() === d.tokens.join(),
          )!;
          expect(close(d.logPrior, logPrior[row])).toBe(true);
          expect(close(d.logFactor, logFactor[row])).toBe(true);
        }
      }),
      { seed: 12, numRuns: 150 },
    );
  });

  it('are refused where a power does not fit in a double', () => {
    const [table] = fc.sample(backoffTable(3, true), { seed: 4, numRuns: 1 });
    expect(poweredTable(table, 2)).toBeDefined();
    expect(poweredTable(table, 5000)).toBeUndefined();
  });
});

/** Exact figures against every text, for what a file states. */
async function check(file: string, gammaOf: (logPrior: number, text: string) => number): Promise<Target> {
  const t = await target(PRIOR + file);
  const batch = everySequence(t.prior);
  const logPrior = await t.prior.logProb(batch);
  const gamma = logPrior.map((l, i) => gammaOf(l, batch.text(i)));
  const logZ = logSumExp(gamma);
  const p = gamma.map((g) => Math.exp(g - logZ));
  const r = await solve(t, { method: 'dp' }, 400);
  expect(r.logZ!.value).toBeCloseTo(logZ, 10);
  expect(r.entropy!.value).toBeCloseTo(
    p.reduce((s, x, i) => (x > 0 ? s - x * (gamma[i] - logZ) : s), 0),
    10,
  );
  const kl = p.reduce((s, x, i) => (x > 0 ? s + x * (gamma[i] - logZ - logPrior[i]) : s), 0);
  if (r.klToPrior !== null) expect(r.klToPrior.value).toBeCloseTo(kl, 10);
  else expect(r.unavailable['klToPrior']).toMatch(/cancels/);
  const law = new Map(Array.from(p, (x, i) => [batch.text(i), x] as const).reduce(add, new Map<string, number>()));
  const drawn = r.draws.map((d) => [...d.tokens].map((w) => t.prior.vocabulary.tokens[w]).join(''));
  expect(
    multinomialGate(
      countBy(drawn, (x) => x),
      law,
      { falseAlarm: 1e-6 },
    ),
  ).toMatchObject({ passes: true });
  return t;
}
const add = (law: Map<string, number>, [text, x]: readonly [string, number]): Map<string, number> =>
  law.set(text, (law.get(text) ?? 0) + x);
const count = (text: string, letter: string): number => text.split(letter).length - 1;
const b = (text: string): number => count(text, 'b');

describe('what a file says of its own prior', () => {
  it.each<[string, (l: number, text: string) => number, number]>([
    ['posterior = prior ^ 1.3 * exp(count("b"))', (l, x) => 1.3 * l + b(x), 1.3],
    ['posterior = prior * prior', (l) => 2 * l, 2],
    ['posterior = (prior * exp(count("b"))) ^ 0.5 * prior', (l, x) => 1.5 * l + b(x) / 2, 1.5],
    ['posterior = prior * (prior * exp(count("b"))) ^ 0.5', (l, x) => 1.5 * l + b(x) / 2, 1.5],
    ['posterior = prior * exp(0.3 * log_prob(prior) + count("b"))', (l, x) => 1.3 * l + b(x), 1.3],
    ['posterior = prior * exp(-log_prob(prior))', () => 0, 0],
    ['posterior = (prior * prior | contains("b")) ^ 2', (l, x) => (x.includes('b') ? 4 * l : -Infinity), 4],
  ])('%s', async (file, gamma, power) => {
    const t = await check(file, gamma);
    const sum = termsOf(
      t.prior,
      t.stages.flatMap((s) => s.factors),
      { maxStates: 1000, maxTokens: 3 },
      { powers: true },
    );
    if ('reason' in sum) throw new Error(sum.reason);
    expect(sum.terms.map((x) => x.power)).toEqual([expect.closeTo(power, 12)]);
  });

  // The trigram takes seconds to estimate.
  const order = slow ? 3 : 2;
  it(`an n-gram model of the bundled corpus runs to a power: order ${order}`, async () => {
    const t = await target(
      `prior = ngram("nlp-corpus", order = ${order}, max_tokens = 20)\nposterior = prior ^ 1.2 * exp(0.1 * length)`,
    );
    const r = await solve(t, {}, 20);
    expect(r.klToPrior!.value).toBeGreaterThan(0);
    expect(r.diagnostics.extra['massError']).toBeLessThan(1e-9);
    for (const d of r.draws) expect(d.logFactor).toBeCloseTo(0.2 * d.logPrior + 0.1 * d.tokens.length, 8);
  });
});
