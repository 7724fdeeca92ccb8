import fc from 'fast-check';
import { tableModel } from '@postulate/models';
import { describe, expect, it } from 'vitest';
import { backoffTables } from '../../../testing/src/index.ts';
import { machineValues, seededChooser, twistFor, type Factor } from '../../src/index.ts';
import { everySequence, fixture, target } from '../bind/support.ts';
import { tokenMachine } from '../exact/arbitraries.ts';
import { factorOf, opaqueFactor, targetOf } from '../exact/toys.ts';
import { keyOf } from '../support/toy.ts';
import { after, everyPrefix, prefixValues, targetValues } from './support.ts';

const NAMES = ['none', 'prefix', 'lookahead', 'learned', 'contrastive', 'soft-value', 'auto'];

describe('every twist', () => {
  it('is 0 only where no continuation of positive prior has a positive weight', async () => {
    let dead = 0;
    const cases = backoffTables({ maxTokens: 4 }).chain((prior) =>
      fc.record({
        prior: fc.constant(prior),
        weights: fc.array(tokenMachine(prior.vocabulary.size, true), { minLength: 1, maxLength: 2 }),
        odd: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ prior, weights, odd }) => {
        const model = tableModel({ id: 'toy', ...prior });
        const batch = everySequence(model);
        const factors: Factor[] = weights.map((m, i) => factorOf(`w${i}`, m));
        const logFactor = new Float64Array(batch.size);
        for (const m of weights) machineValues(m, batch).forEach((v, i) => (logFactor[i] += v));
        if (odd) {
          const opaque = opaqueFactor('odd', (text) => (text.length % 2 === 0 ? -Infinity : 0.3));
          factors.push(opaque);
          (opaque.logWeights(batch) as Float64Array).forEach((v, i) => (logFactor[i] += v));
        }
        const values = prefixValues(batch, model.logProb(batch) as Float64Array, logFactor);
        const t = targetOf(model, factors);
        for (const name of NAMES) {
          const twist = await twistFor(t, name, { learnedDraws: 30 }, seededChooser('sound'));
          everyPrefix(twist, model, (tokens, session, next) => {
            const sound = (log: number, key: string): void => {
              if (Number.isNaN(log) || log === Infinity) throw new Error(`${name}: ψ(${key}) = exp(${log})`);
              if (log > -Infinity) return;
              dead++;
              if ((values.get(key)?.log ?? -Infinity) > -Infinity) throw new Error(`${name} is 0 at "${key}"`);
            };
            sound(session.logValues[0], keyOf(tokens));
            if (tokens.length === model.maxTokens) return;
            for (let w = 0; w < model.vocabulary.size; w++) {
              sound(next[w], keyOf([...tokens, w]));
              // What is said of a token before it is read is what is said of the prefix after it.
              const then = after(twist, [...tokens, w]).logValues[0];
              if (!(next[w] === then || Math.abs(next[w] - then) < 1e-9))
                throw new Error(`${name}: next ${next[w]}, then ${then}`);
            }
            sound(next[model.vocabulary.size], keyOf(tokens, true));
          });
        }
      }),
      { seed: 99, numRuns: 60 },
    );
    expect(dead).toBeGreaterThan(1000);
  });
});

describe('a complete text', () => {
  it.each(['prefix', 'lookahead', 'learned', 'contrastive', 'soft-value'])(
    'has φ itself for its value under %s',
    async (name) => {
      const t = await target(
        'prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 3)\nposterior = prior * exp(count("b")) * exp(if ends_with("a") then 0.7 else -0.2) * exp(if finished then 0.25 else 0.5) | not contains("bb")',
      );
      const twist = await twistFor(t, name, { learnedDraws: 500 }, seededChooser('a'));
      const values = await targetValues(t);
      const same = (found: number, truth: number): void => {
        if (truth === -Infinity) expect(found).toBe(truth);
        else expect(found).toBeCloseTo(truth, 12);
      };
      everyPrefix(twist, t.prior, (tokens, session, next) => {
        if (tokens.length === 3) same(session.logValues[0], values.get(keyOf(tokens))!.log);
        else same(next[2], values.get(keyOf(tokens, true))!.log);
      });
    },
  );
});

describe('the prefix twist', () => {
  it('has the outputs so far, what remains of the automaton, and all of φ at the end', async () => {
    const t = await fixture('hybrid', 'posterior');
    const twist = await twistFor(t, 'prefix', {}, seededChooser('a'));
    const [a, b] = [0, 1];
    const next = new Float64Array(3);
    expect(after(twist, [b, a]).logValues[0]).toBe(1);
    void after(twist, [a, b]).next(0, next);
    expect([...next]).toEqual([1, -Infinity, 1]);
    expect(after(twist, [b, b]).logValues[0]).toBe(-Infinity);
  });

  it('knows what cannot be reached any more in the tokens left', async () => {
    const t = await target(
      'prior = bigram({ "^": { "a": 1 }, "a": { "a": 0.5, "b": 0.5 }, "b": { "a": 0.5, "b": 0.5 } }, max_tokens = 4)\nposterior = prior | ends_with("bbb")',
    );
    const twist = await twistFor(t, 'prefix', {}, seededChooser('a'));
    const next = new Float64Array(3);
    void after(twist, [0]).next(0, next);
    expect(next[1]).toBe(0);
    void after(twist, [0, 1]).next(0, next);
    expect([...next]).toEqual([-Infinity, 0, -Infinity]);
  });
});

describe('the learned twist', () => {
  it('comes near E[φ | prefix] where position and last token tell all', async () => {
    const t = await fixture('hybrid', 'posterior');
    // Depends on how the text ends alone: the last token and the position are all that a prefix says of it.
    const tail = opaqueFactor('tail', (text) => (text.endsWith('b') ? 1.5 : -0.5));
    const own = { ...t, stages: [{ factors: [tail], moments: [] }] };
    const twist = await twistFor(own, 'learned', { learnedDraws: 20_000 }, seededChooser('fit'));
    expect(twist).toMatchObject({ name: 'learned', exact: false, modelCalls: 20_000 });
    const truth = await targetValues(own);
    // Standard errors are below 0.03 in every bucket: more than 200 texts each, weights between 0.6 and 4.5.
    everyPrefix(twist, t.prior, (tokens, session) => {
      expect(Math.abs(session.logValues[0] - truth.get(keyOf(tokens))!.log)).toBeLessThan(0.2);
    });
  });

  it('is a function of its chooser', async () => {
    const t = await fixture('hybrid', 'posterior');
    const at = async (seed: string): Promise<number> =>
      after(await twistFor(t, 'learned', { learnedDraws: 50 }, seededChooser(seed)), [0]).logValues[0];
    expect(await at('one')).toBe(await at('one'));
    expect(await at('one')).not.toBe(await at('two'));
  });
});

describe('auto', () => {
  it('looks ahead where something has an automaton that fits, and says why it does not', async () => {
    const choose = async (factors: readonly Factor[], options = {}) => {
      const t = await fixture('hybrid', 'posterior');
      return twistFor({ ...t, stages: [{ factors, moments: [] }] }, 'auto', options, seededChooser('a'));
    };
    const opaque = opaqueFactor('odd', () => 0);
    const { factors } = (await fixture('hybrid', 'posterior')).stages[0];
    expect(await choose([...factors, opaque])).toMatchObject({ name: 'lookahead', leftOut: ['odd'] });
    expect(await choose([opaque])).toMatchObject({ name: 'none', leftOut: ['odd'] });
    expect(await choose([])).toMatchObject({ name: 'none', exact: true, leftOut: [] });
    const cramped = await choose(factors, { maxMemoryMB: 1e-9 });
    expect(cramped.name).toBe('prefix');
    expect(cramped.reason).toContain('maxMemoryMB');
  });

  it('refuses what there is not, by name', async () => {
    const t = await fixture('hybrid', 'posterior');
    const opaque = { ...t, stages: [{ factors: [opaqueFactor('odd', () => 0)], moments: [] }] };
    await expect(twistFor(opaque, 'lookahead', {}, seededChooser('a'))).rejects.toThrow(/odd/);
    await expect(twistFor(t, 'crystal', {}, seededChooser('a'))).rejects.toThrow(/P602.*crystal/);
  });
});
