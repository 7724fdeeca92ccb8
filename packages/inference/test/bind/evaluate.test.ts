import { describe, expect, it } from 'vitest';
import type { Models, TextFunction } from '@postulate/models';
import { bind, normalCdf, normalQuantile } from '../../src/index.ts';
import { everySequence, graphOf, models, PRIOR, target } from './support.ts';

/** Values of the score or event called `s` on every sequence, and what `expected` makes of each text. */
async function compare(definition: string, expected: (text: string) => number, digits = 13): Promise<void> {
  const t = await target(`${PRIOR}${definition}\nposterior = prior * exp(0 * length)`);
  const batch = everySequence(t.prior);
  const values = await t.named.find((f) => f.name === 's')!.values(batch);
  for (let i = 0; i < batch.size; i++) expect(values[i], batch.text(i)).toBeCloseTo(expected(batch.text(i)), digits);
}

/** log φ on every sequence. */
async function compareLog(definition: string, factor: string, expected: (text: string) => number): Promise<void> {
  const t = await target(`${PRIOR}${definition}\nposterior = prior * ${factor}`);
  const batch = everySequence(t.prior);
  const values = new Float64Array(batch.size);
  for (const f of t.stages[0].factors) (await f.logWeights(batch)).forEach((w, i) => (values[i] += w));
  for (let i = 0; i < batch.size; i++) {
    const e = expected(batch.text(i));
    if (e === -Infinity) expect(values[i], batch.text(i)).toBe(-Infinity);
    else expect(Math.abs(values[i] - e) / Math.max(1, Math.abs(e)), batch.text(i)).toBeLessThan(1e-13);
  }
}

const n = (text: string, letter: string): number => [...text].filter((c) => c === letter).length;

describe('scores and events against plain arithmetic', () => {
  it.each<[string, (t: string) => number]>([
    ['s = count("a") + 2 * count("b") - 0.5', (t) => n(t, 'a') + 2 * n(t, 'b') - 0.5],
    ['s = -(length / 4) ^ 2', (t) => -((t.length / 4) ** 2)],
    ['s = exp(count("a")) / (1 + length)', (t) => Math.exp(n(t, 'a')) / (1 + t.length)],
    ['s = log(1 + length) + sqrt(length)', (t) => Math.log(1 + t.length) + Math.sqrt(t.length)],
    ['s = abs(count("a") - count("b"))', (t) => Math.abs(n(t, 'a') - n(t, 'b'))],
    [
      's = min(length, 2) + max(count("a"), 1, count("b"))',
      (t) => Math.min(t.length, 2) + Math.max(n(t, 'a'), 1, n(t, 'b')),
    ],
    ['s = clamp(length, 1, 2)', (t) => Math.min(2, Math.max(1, t.length))],
    ['s = sigmoid(count("a") - 1)', (t) => 1 / (1 + Math.exp(1 - n(t, 'a')))],
    ['s = log_sigmoid(count("a") - 1)', (t) => -Math.log(1 + Math.exp(1 - n(t, 'a')))],
    ['s = if contains("ab") then length else -1', (t) => (t.includes('ab') ? t.length : -1)],
    ['s = if count("a") > 0 then log(count("a")) else 7', (t) => (n(t, 'a') > 0 ? Math.log(n(t, 'a')) : 7)],
    ['s = indicator(contains("b"))', (t) => (t.includes('b') ? 1 : 0)],
    [
      's = 1 <= length <= 2 and not contains("ab")',
      (t) => (t.length >= 1 && t.length <= 2 && !t.includes('ab') ? 1 : 0),
    ],
    ['s = contains("a") implies ends_with("b")', (t) => (!t.includes('a') || t.endsWith('b') ? 1 : 0)],
    ['s = contains("aa") or length == 0', (t) => (t.includes('aa') || t.length === 0 ? 1 : 0)],
    ['s = count("a") != count("b")', (t) => (n(t, 'a') !== n(t, 'b') ? 1 : 0)],
  ])('%s', (definition, expected) => compare(definition, expected));
});

describe('random scores', () => {
  const members = (t: string): number[] => [n(t, 'a'), 0.5 * t.length, t.includes('ab') ? 2 : 0];
  const ensemble = 'e = ensemble(count("a"), 0.5 * length, if contains("ab") then 2 else 0)\n';
  const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b) / x.length;
  const sd = (x: readonly number[]): number => Math.sqrt(mean(x.map((v) => (v - mean(x)) ** 2)));

  it.each<[string, (t: string) => number]>([
    ['s = mean(e)', (t) => mean(members(t))],
    ['s = sd(e)', (t) => sd(members(t))],
    ['s = lower(e, 1.5)', (t) => mean(members(t)) - 1.5 * sd(members(t))],
    ['s = quantile(e, 0.5)', (t) => members(t).sort((a, b) => a - b)[1]],
    ['s = quantile(e, 0.34)', (t) => members(t).sort((a, b) => a - b)[1]],
    ['s = quantile(e, 0.33)', (t) => members(t).sort((a, b) => a - b)[0]],
    ['s = mean(exp(2 * e - length))', (t) => mean(members(t).map((m) => Math.exp(2 * m - t.length)))],
    ['s = sd(3 - e)', (t) => sd(members(t))],
    ['s = sd(e - e)', () => 0],
    ['s = mean(exp(e + e))', (t) => mean(members(t).map((m) => Math.exp(2 * m)))],
  ])('ensemble: %s', (definition, expected) => compare(ensemble + definition, expected, 12));

  it.each<[string, (t: string) => number]>([
    ['s = mean(2 * g + length)', (t) => 2 * n(t, 'b') + t.length],
    ['s = sd(-2 * g)', () => 1],
    ['s = quantile(g, 0.975)', (t) => n(t, 'b') + 0.5 * normalQuantile(0.975)],
    ['s = quantile(1 - g, 0.975)', (t) => 1 - n(t, 'b') + 0.5 * normalQuantile(0.975)],
    ['s = mean(exp(g))', (t) => Math.exp(n(t, 'b') + 0.125)],
    ['s = sd(exp(g))', (t) => Math.sqrt((Math.exp(0.25) - 1) * Math.exp(2 * n(t, 'b') + 0.25))],
    ['s = quantile(exp(g), 0.1)', (t) => Math.exp(n(t, 'b') + 0.5 * normalQuantile(0.1))],
    ['s = sd(g + h)', (t) => Math.sqrt(0.25 + (0.1 * t.length) ** 2)],
    ['s = sd(g - g)', () => 0],
  ])('gaussian: %s', (definition, expected) =>
    compare(
      `g = gaussian(mean = count("b"), sd = 0.5)\nh = gaussian(mean = 0, sd = 0.1 * length)\n${definition}`,
      expected,
      10,
    ),
  );

  it('sums of independent ones: members are listed, Gaussians folded in', async () => {
    const text = `e = ensemble(count("a"), length)\nf = ensemble(0, 1, 5)\ng = gaussian(mean = 0, sd = 0.5)\n`;
    const joint = (t: string): number[] => [n(t, 'a'), t.length].flatMap((x) => [0, 1, 5].map((y) => x + y));
    await compare(`${text}s = sd(e + f)`, (t) => sd(joint(t)), 12);
    await compare(`${text}s = sd(e + g)`, (t) => Math.sqrt(sd([n(t, 'a'), t.length]) ** 2 + 0.25), 12);
    const t = await target(`${PRIOR}${text}s = quantile(e + g, 0.8)\nposterior = prior * exp(0 * length)`);
    const batch = everySequence(t.prior);
    const values = await t.named.find((f) => f.name === 's')!.values(batch);
    values.forEach((v, i) => {
      const cdf = mean([n(batch.text(i), 'a'), batch.text(i).length].map((m) => normalCdf((v - m) / 0.5)));
      expect(cdf).toBeCloseTo(0.8, 12);
    });
  });
});

describe('log weights', () => {
  it.each<[string, string, (t: string) => number]>([
    ['far beyond doubles', 'exp(count("b") / 0.0001)', (t) => n(t, 'b') / 0.0001],
    ['far below doubles', 'exp(-1e6 * count("b"))', (t) => -1e6 * n(t, 'b')],
    ['products', 'exp(1000 * count("a")) * exp(-1000 * count("b"))', (t) => 1000 * (n(t, 'a') - n(t, 'b'))],
    ['quotients', '(1 / exp(2000 * length))', (t) => -2000 * t.length],
    [
      'sums',
      '(exp(1000 * count("a")) + exp(1000 * count("b")))',
      (t) => (n(t, 'a') === n(t, 'b') ? 1000 * n(t, 'a') + Math.LN2 : 1000 * Math.max(n(t, 'a'), n(t, 'b'))),
    ],
    [
      'a zero beside an infinity',
      'exp(1000 * length) * indicator(contains("b"))',
      (t) => (t.includes('b') ? 1000 * t.length : -Infinity),
    ],
    ['sigmoid', 'sigmoid(-900 * count("b"))', (t) => -Math.max(0, 900 * n(t, 'b')) - (n(t, 'b') === 0 ? Math.LN2 : 0)],
    ['powers', 'exp(500 * length) ^ 3', (t) => 1500 * t.length],
    ['square root', 'sqrt(exp(3000 * length))', (t) => 1500 * t.length],
    [
      'branches',
      '(if contains("b") then exp(900 * length) else 0)',
      (t) => (t.includes('b') ? 900 * t.length : -Infinity),
    ],
    [
      'marginalised ensemble',
      'mean(exp(1000 * ensemble(count("a"), count("b"))))',
      (t) => {
        const [x, y] = [1000 * n(t, 'a'), 1000 * n(t, 'b')];
        return x === y ? x : Math.max(x, y) - Math.LN2;
      },
    ],
    ['marginalised Gaussian', 'mean(exp(gaussian(mean = 900 * length, sd = 3)))', (t) => 900 * t.length + 4.5],
  ])('%s', (_, factor, expected) => compareLog('', factor, expected));
});

describe('what is not a number', () => {
  const chain =
    'chain = bigram({ "^": { "a": 1 }, "a": { "b": 0.5, "$": 0.5 }, "b": { "b": 0.5, "$": 0.5 } }, max_tokens = 3)\n';

  it('names the factor and the text', async () => {
    const nan = await target(`${chain}bad = log_prob(chain) * 0\nposterior = chain * exp(bad)`);
    const batch = everySequence(nan.prior);
    expect(() => nan.stages[0].factors[0].logWeights(batch)).toThrow(/P700.*factor exp\(bad\) is not a number.*""/);
    expect(() => nan.named[0].values(batch)).toThrow(/P700.*score bad/);
    const infinite = await target(`${chain}bad = -log_prob(chain)\nposterior = chain * exp(bad)`);
    expect(() => infinite.stages[0].factors[0].logWeights(batch)).toThrow(/P703.*exp\(bad\) is infinite.*""/);
  });
});

describe('how often things are evaluated', () => {
  /** Models that note every text a feature is asked about. */
  function watched(): { readonly models: Models; readonly seen: string[] } {
    const seen: string[] = [];
    const watch = (f: TextFunction): TextFunction => ({
      ...f,
      values: (batch) => {
        for (let i = 0; i < batch.size; i++) seen.push(batch.text(i));
        return f.values(batch);
      },
    });
    return { seen, models: { ...models, feature: async (node, scope) => watch(await models.feature(node, scope)) } };
  }

  it('asks a branch only about the texts that take it', async () => {
    const { models: counting, seen } = watched();
    const graph = graphOf(`${PRIOR}posterior = prior * exp(if contains("b") then count("a") else 0)`);
    const [t] = await bind(graph, undefined, counting);
    await t.stages[0].factors[0].logWeights(everySequence(t.prior));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((text) => text.includes('b'))).toBe(true);
  });

  it('evaluates what factors and named functions share once a batch', async () => {
    const { models: counting, seen } = watched();
    const graph = graphOf(`${PRIOR}r = count("a")\nposterior = prior * exp(r) * sigmoid(r)`);
    const [t] = await bind(graph, undefined, counting);
    const batch = everySequence(t.prior);
    for (const f of t.stages[0].factors) await f.logWeights(batch);
    await t.named[0].values(batch);
    expect(seen).toHaveLength(batch.size);
  });
});
