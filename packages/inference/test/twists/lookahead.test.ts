import type { BackoffTable, LanguageModel } from '@postulate/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logSumExp, machineValues, seededChooser, twistFor, type PreparedTwist } from '../../src/index.ts';
import { fixture, target } from '../bind/support.ts';
import { backoffTable, tokenMachine } from '../exact/arbitraries.ts';
import { bruteForce, factorOf, modelOf, opaqueFactor, targetOf } from '../exact/toys.ts';
import { keyOf } from '../support/toy.ts';
import { after, everyPrefix, prefixValues, targetValues } from './support.ts';

const TOKENS = ['a', 'b', 'c'];
const SEED = { seed: 4_711, numRuns: 120 };

const close = (found: number, expected: number): boolean =>
  found === expected || Math.abs(found - expected) <= 1e-10 * Math.max(1, Math.abs(expected));

type Values = ReturnType<typeof prefixValues>;

/** Every prefix of positive prior mass: ψ there, and ψ of all that can follow. */
function agree(twist: PreparedTwist, prior: LanguageModel, values: Values): number {
  let compared = 0;
  const same = (found: number, key: string): void => {
    const truth = values.get(key);
    if (truth === undefined) return;
    compared++;
    if (!close(found, truth.log)) throw new Error(`at "${key}": found ${found}, expected ${truth.log}`);
  };
  everyPrefix(twist, prior, (tokens, session, next) => {
    if (!values.has(keyOf(tokens))) return;
    same(session.logValues[0], keyOf(tokens));
    if (tokens.length === prior.maxTokens) return;
    for (let w = 0; w < prior.vocabulary.size; w++) same(next[w], keyOf([...tokens, w]));
    same(next[prior.vocabulary.size], keyOf(tokens, true));
  });
  return compared;
}

const lookahead = (t: Parameters<typeof twistFor>[0]): Promise<PreparedTwist> =>
  twistFor(t, 'lookahead', {}, seededChooser('a'));

describe('the exact look-ahead', () => {
  it('has the backward values of golden fixture A', async () => {
    const twist = await lookahead(await fixture('hard', 'posterior'));
    const [a, b] = [0, 1];
    const golden: readonly (readonly [readonly number[], number])[] = [
      [[], 3 / 4],
      [[a], 4 / 5],
      [[b], 1 / 2],
      [[a, a], 1],
      [[a, b], 1 / 2],
      [[b, a], 1],
      [[a, b, a], 1],
    ];
    for (const [tokens, value] of golden) {
      // B(2, ba) is 1 and B(2, ab) 1/2: the automaton state is that of the last token.
      const truth = keyOf(tokens) === '0,1' ? 0.5 : value;
      expect(Math.exp(after(twist, tokens).logValues[0])).toBeCloseTo(truth, 14);
    }
    expect(after(twist, [b, b]).logValues[0]).toBe(-Infinity);
    expect(twist.exact).toBe(true);
    expect(twist.leftOut).toEqual([]);
  });

  it('is E[φ | prefix] on random tables and automata', async () => {
    let compared = 0;
    const cases = fc.record({
      table: backoffTable(3, false),
      weights: fc.array(tokenMachine(3, true), { maxLength: 2 }),
      maxTokens: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ table, weights, maxTokens }) => {
        const model = modelOf(TOKENS, table, maxTokens);
        const { batch, logPrior } = bruteForce(model);
        const logFactor = logPrior.map(() => 0);
        for (const m of weights) machineValues(m, batch).forEach((v, i) => (logFactor[i] += v));
        const twist = await lookahead(targetOf(model, weights.map((m, i) => factorOf(`w${i}`, m)))); // prettier-ignore
        expect(twist.exact).toBe(true);
        compared += agree(twist, model, prefixValues(batch, logPrior, logFactor));
      }),
      SEED,
    );
    expect(compared).toBeGreaterThan(5000);
  });

  it('weighs the components of a mixture by what the prefix says of them', async () => {
    const cases = fc.record({
      tables: fc.tuple(backoffTable(2, false), backoffTable(2, true)),
      weight: tokenMachine(2, true),
      maxTokens: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ tables, weight, maxTokens }) => {
        const parts = tables.map((t: BackoffTable) => modelOf(['a', 'b'], t, maxTokens));
        const components = parts.map((model, i) => ({ model, weight: [0.3, 0.7][i] }));
        const prior: LanguageModel = { ...parts[0], table: undefined, components } as unknown as LanguageModel;
        const { batch } = bruteForce(parts[1]);
        const both = components.map(({ model }) => model.logProb(batch) as Float64Array);
        const logPrior = both[0].map((_, i) => logSumExp([Math.log(0.3) + both[0][i], Math.log(0.7) + both[1][i]]));
        const twist = await lookahead(targetOf(prior, [factorOf('w', weight)]));
        // Texts that only the first component has are not in the list: compare where the second is positive everywhere.
        const complete = Math.abs(logSumExp(logPrior)) < 1e-9;
        if (complete) agree(twist, prior, prefixValues(batch, logPrior, machineValues(weight, batch)));
      }),
      SEED,
    );
  });

  it.each([
    ['algebra', 'tilted'],
    ['algebra', 'experts'],
    ['uncertain', 'marginal'],
    ['uncertain', 'bayes'],
    ['hybrid', 'posterior'],
  ])('is E[φ | prefix] of %s: %s', async (file, posterior) => {
    const t = await fixture(file, posterior);
    const twist = await lookahead(t);
    expect(twist.exact).toBe(true);
    expect(agree(twist, t.prior, await targetValues(t))).toBeGreaterThan(10);
  });

  it('leaves out what has no automaton and says so', async () => {
    const t = await fixture('hybrid', 'posterior');
    const opaque = opaqueFactor('odd', (text) => (text.length % 2) * 0.5);
    const more = { ...t, stages: [{ factors: [...t.stages[0].factors, opaque], moments: [] }] };
    const twist = await lookahead(more);
    expect(twist).toMatchObject({ exact: false, leftOut: ['odd'] });
    expect(twist.reason).toContain('odd');
    agree(twist, t.prior, await targetValues(t));
  });

  it('follows rows that are reordered, and rows that have ended', async () => {
    const t = await fixture('algebra', 'tilted');
    for (const name of ['lookahead', 'prefix', 'learned', 'contrastive', 'soft-value', 'none']) {
      const twist = await twistFor(t, name, { learnedDraws: 200 }, seededChooser('a'));
      const session = twist.open(3);
      void session.advance(Int32Array.of(0, 1, 2));
      const ended = session.logValues[2];
      session.reorder(Int32Array.of(1, 1, 0, 2));
      expect(session.logValues.length).toBe(4);
      void session.advance(Int32Array.of(0, 1, 1, 0));
      expect(session.logValues[3]).toBe(ended);
      const next = new Float64Array(3);
      const alone = new Float64Array(3);
      [[1, 0], [1, 1], [0, 1]].forEach((tokens, i) => {
        const fresh = after(twist, tokens);
        expect(session.logValues[i]).toBe(fresh.logValues[0]);
        void session.next(i, next);
        void fresh.next(0, alone);
        expect(next).toEqual(alone);
      }); // prettier-ignore
    }
  });

  it('can stop', async () => {
    const stopped = AbortSignal.abort(new Error('enough'));
    const t = await fixture('hard', 'posterior');
    await expect(twistFor(t, 'lookahead', {}, seededChooser('a'), { signal: stopped })).rejects.toThrow('enough');
  });
});

describe('a table that stands for the prior', () => {
  it('gives a look-ahead that is never wrong about what is impossible', async () => {
    const t = await target(
      'prior = bigram({ "^": { "a": 0.5, "b": 0.5 }, "a": { "a": 0.6, "b": 0.4 }, "b": { "a": 0.3, "b": 0.7 } }, max_tokens = 6)\nposterior = prior * exp(0.5 * count("a")) | ends_with("ab")',
    );
    const { table: _, ...hidden } = t.prior;
    const veiled = { ...t, prior: hidden as LanguageModel };
    const twist = await twistFor(veiled, 'lookahead', { surrogateDraws: 4000, surrogateOrder: 2 }, seededChooser('s'));
    expect(twist).toMatchObject({ exact: false, modelCalls: 4000, law: undefined });
    const truth = await targetValues(t);
    everyPrefix(twist, t.prior, (tokens, session) => {
      const value = truth.get(keyOf(tokens));
      if (value === undefined) return;
      if (session.logValues[0] === -Infinity) expect(value.log).toBe(-Infinity);
      // 4,000 texts of 6 tokens: probabilities are known to about 1%, and there are at most 6 of them.
      if (value.log > -Infinity) expect(Math.abs(session.logValues[0] - value.log)).toBeLessThan(0.2);
    });
  });
});
