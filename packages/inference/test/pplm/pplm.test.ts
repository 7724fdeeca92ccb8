import { describe, expect, it } from 'vitest';
import type { PostError } from '@postulate/graph';
import type { LanguageModel } from '@postulate/models';
import { enumerateTraces } from '../../../testing/src/index.ts';
import { engineNamed, run, seededChooser, type Target } from '../../src/index.ts';
import { everySequence, target } from '../bind/support.ts';
import { keyOf } from '../support/toy.ts';
import { steerableToy, toyTarget } from './support.ts';

const ENGINE = engineNamed('pplm');
const WANTED = '* exp(2 * indicator(contains("b")))';
/** Steps that are large enough to see on a toy. */
const STRONG = { stepSize: 0.5, fusion: 0.95 };

async function policyOf(t: Target, options: object = {}): Promise<LanguageModel> {
  return ENGINE.policy!(t, { ...ENGINE.defaults, ...options }, seededChooser('policy'));
}

interface Law {
  readonly total: number;
  readonly of: ReadonlyMap<string, number>;
  /** Probability that a text contains a letter. */
  readonly holds: (letter: string) => number;
}

async function lawOf(policy: Pick<LanguageModel, 'vocabulary' | 'maxTokens' | 'logProb'>): Promise<Law> {
  const batch = everySequence(policy);
  const p = Array.from(await policy.logProb(batch), Math.exp);
  const tokens = (i: number) => batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]);
  return {
    total: p.reduce((a, b) => a + b, 0),
    of: new Map(p.map((x, i) => [keyOf(tokens(i), batch.finished[i] === 1), x] as const).filter(([, x]) => x > 0)),
    holds: (letter) => p.reduce((sum, x, i) => (batch.text(i).includes(letter) ? sum + x : sum), 0),
  };
}

describe('the law of pplm', () => {
  it('is a distribution, and the density recorded along a draw is that of the draw', async () => {
    const policy = await policyOf(await toyTarget(WANTED), STRONG);
    const law = await lawOf(policy);
    // Prefixes that are decoded together with others differ from those alone by the rounding of single precision.
    expect(law.total).toBeCloseTo(1, 6);
    const traces = await enumerateTraces(async (chooser) => policy.sample(1, chooser));
    expect(traces.length).toBe(law.of.size);
    for (const { logProbability, value } of traces) {
      expect(value.logProbs[0]).toBeCloseTo(logProbability, 10);
      const p = law.of.get(keyOf(value.tokens, value.finished[0] === 1)) as number;
      expect(Math.abs(Math.log(p) - logProbability)).toBeLessThan(1e-4);
    }
  });

  it('makes the words of its bag likelier, and with several steps more so', async () => {
    const t = await toyTarget(WANTED);
    const prior = (await lawOf(t.prior)).holds('b');
    const one = (await lawOf(await policyOf(t, { ...STRONG, iterations: 1 }))).holds('b');
    const ten = (await lawOf(await policyOf(t, { ...STRONG, iterations: 10 }))).holds('b');
    expect(one).toBeGreaterThan(prior + 0.01);
    expect(ten).toBeGreaterThan(one + 0.01);
    const other = await policyOf(await toyTarget('* exp(2 * indicator(contains("c")))'), { ...STRONG, iterations: 10 });
    expect((await lawOf(other)).holds('c')).toBeGreaterThan((await lawOf(t.prior)).holds('c') + 0.01);
  });

  it.each([{ fusion: 0 }, { stepSize: 0 }])('is the prior with %o', async (options) => {
    const t = await toyTarget(WANTED);
    const [prior, law] = [await lawOf(t.prior), await lawOf(await policyOf(t, options))];
    for (const [text, p] of prior.of) expect(law.of.get(text)).toBeCloseTo(p, 5);
  });

  it('a prompt is pushed too: the first token already', async () => {
    const t = await toyTarget(WANTED, steerableToy([1, 3]));
    const start = (law: Law, token: number): number =>
      [...law.of].reduce((sum, [text, p]) => (text.startsWith(String(token)) ? sum + p : sum), 0);
    const [prior, law] = [await lawOf(t.prior), await lawOf(await policyOf(t, STRONG))];
    expect(start(law, 2)).toBeGreaterThan(start(prior, 2) + 0.005);
  });

  it('keeps only the likeliest tokens where asked to', async () => {
    const law = await lawOf(await policyOf(await toyTarget(WANTED), { topK: 1 }));
    expect(law.of.size).toBe(1);
  });
});

describe('the engine', () => {
  it('tells its own law from the posterior, and importance corrects it', async () => {
    const t = await toyTarget(WANTED);
    const prior = await lawOf(t.prior);
    const z = 1 + (Math.exp(2) - 1) * prior.holds('b');
    const result = await run(t, { engine: 'pplm', draws: 20, options: { ...STRONG, samples: 200 }, seed: 'a' });
    expect(result.guarantee).toBe('heuristic');
    expect(result.reasons![0]).toContain('1 word in 1 bag');
    expect(result.draws.length).toBe(20);
    const corrected = await run(t, {
      engine: 'importance',
      draws: 20,
      options: { proposal: 'pplm', proposals: 400, 'proposal.stepSize': 0.5 },
      seed: 'b',
    });
    const { value, standardError } = corrected.logZ!;
    // Two-sided 1e-6 of a normal law.
    expect(Math.abs(value - Math.log(z))).toBeLessThan(4.9 * (standardError as number));
    expect(standardError).toBeLessThan(0.1);
  });

  it('refuses priors without a past, and factors without an aim, with what to do', async () => {
    const table = await target(
      'prior = bigram({ "^": { "a": 1 }, "a": { "$": 1 } }, max_tokens = 2)\nposterior = prior * exp(length)',
    );
    const refused = async (t: Target, options: Readonly<Record<string, unknown>> = {}): Promise<string> => {
      const error = (await run(t, { engine: 'pplm', options }).catch((e: unknown) => e)) as PostError;
      const { code, message, help } = error.diagnostics[0];
      return `${code} ${message} ${help}`;
    };
    expect(await refused(table)).toMatch(/P600.*table.*smc, awrs/);
    expect(await refused(await toyTarget('* exp(length)'))).toMatch(/P600.*no factor wants words.*--option words/);
    expect(await refused(await toyTarget('* exp(-count("a"))'))).toMatch(/P600.*no factor/);
    expect(await refused(await toyTarget('* exp(indicator(contains("abc")))'))).toMatch(/P600.*single token/);
    expect(await refused(await toyTarget(WANTED), { aim: 'x' })).toMatch(/P602.*no aim/);
    expect(await refused(await toyTarget(WANTED), { aim: 'classifier' })).toMatch(/P600.*post train-reward/);
  });

  it('takes words from an option, and leaves out those of several tokens', async () => {
    const result = await run(await toyTarget('* exp(length)'), {
      engine: 'pplm',
      draws: 2,
      options: { samples: 2, words: 'a, abc' },
    });
    expect(result.reasons![0]).toContain('1 are several tokens and left out (abc)');
  });
});
