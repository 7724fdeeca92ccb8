import { PostError } from '@postulate/graph';
import { beforeAll, describe, expect, it } from 'vitest';
import { isMachine, run, type Target } from '../../src/index.ts';
import { everySequence, PRIOR, target } from './support.ts';

/** Another prior over the same texts, its tokens listed in another order. */
const OTHER =
  'other = bigram({ "^": { "b": 0.6, "a": 0.3, "$": 0.1 }, "b": { "b": 0.1, "a": 0.5, "$": 0.4 }, "a": { "b": 0.7, "a": 0.1, "$": 0.2 } }, max_tokens = 3)\n';

interface Texts {
  readonly text: readonly string[];
  readonly prior: Float64Array;
  readonly other: Float64Array;
}

let texts: Texts;
beforeAll(async () => {
  const t = await target(`${PRIOR}${OTHER}posterior = prior * exp(log_prob(other))`);
  const batch = everySequence(t.prior);
  texts = {
    text: Array.from({ length: batch.size }, (_, i) => batch.text(i)),
    prior: await t.prior.logProb(batch),
    other: await t.stages[0].factors[0].logWeights(batch),
  };
});

const count = (text: string, letter: string): number => text.split(letter).length - 1;
const has = (text: string, part: string): number => (text.includes(part) ? 1 : 0);
const sumExp = (logs: Float64Array): number => Math.log(logs.reduce((s, x) => s + Math.exp(x), 0));
const plus = (logs: Float64Array, f: (text: string) => number): Float64Array =>
  logs.map((x, i) => x + f(texts.text[i]));

/** λ with which exp(λ f) gives the mean, by bisection over all texts: no code of the fitters. */
function multiplier(logs: Float64Array, f: (text: string) => number, mean: number): number {
  let [lo, hi] = [-50, 50];
  for (let k = 0; k < 200; k++) {
    const l = (lo + hi) / 2;
    const tilted = plus(logs, (x) => l * f(x));
    const z = sumExp(tilted);
    const found = tilted.reduce((s, x, i) => s + Math.exp(x - z) * f(texts.text[i]), 0);
    if (found < mean) lo = l;
    else hi = l;
  }
  return (lo + hi) / 2;
}
const tilted = (logs: Float64Array, f: (text: string) => number, mean: number): Float64Array => {
  const l = multiplier(logs, f, mean);
  return plus(logs, (x) => l * f(x));
};

/** Exact figures of a target against the log density of every text. */
async function matches(t: Target, gamma: Float64Array): Promise<void> {
  expect(t.stages.every((s) => s.factors.every((f) => isMachine(f.machine())))).toBe(true);
  const r = await run(t, { engine: 'exact', draws: 0 });
  const z = sumExp(gamma);
  expect(r.logZ!.value).toBeCloseTo(z, 9);
  const p = gamma.map((x) => Math.exp(x - z));
  const entropy = -p.reduce((s, x) => s + (x > 0 ? x * Math.log(x) : 0), 0);
  const kl = p.reduce((s, x, i) => s + (x > 0 ? x * (Math.log(x) - texts.prior[i]) : 0), 0);
  expect(r.entropy!.value).toBeCloseTo(entropy, 9);
  expect(r.klToPrior!.value).toBeCloseTo(kl, 9);
  const mass = new Map<string, number>();
  texts.text.forEach((x, i) => mass.set(x, (mass.get(x) ?? 0) + p[i]));
  for (const [text, m] of mass) {
    expect(r.support!.find((s) => s.text === text)?.probability ?? 0).toBeCloseTo(m, 9);
  }
  const batch = everySequence(t.prior);
  const logs = await Promise.all(t.stages.flatMap((s) => s.factors).map((f) => f.logWeights(batch)));
  if (t.stages.every((s) => s.moments.length === 0)) {
    gamma.forEach((g, i) => {
      const own = logs.reduce((s, l) => s + l[i], texts.prior[i]);
      if (g === -Infinity) expect(own).toBe(-Infinity);
      else expect(own).toBeCloseTo(g, 9);
    });
  }
}

const P_B = 'inner = prior subject to { P(contains("b")) = 0.8 }\n';
const E_A = 'inner = prior * exp(length) subject to { E(count("a")) = 1.3 }\n';
const hasB = (x: string): number => has(x, 'b');
const as = (x: string): number => count(x, 'a');

describe('densities of posteriors that have moments', () => {
  it('are raised to a power with what the moments contribute', async () => {
    const inner = tilted(texts.prior, hasB, 0.8);
    await matches(
      await target(`${PRIOR}${P_B}posterior = inner ^ 2`),
      inner.map((x) => 2 * x),
    );
    const more = tilted(
      plus(texts.prior, (x) => x.length),
      as,
      1.3,
    );
    await matches(
      await target(`${PRIOR}${E_A}posterior = inner ^ 0.5 * exp(count("b"))`),
      plus(
        more.map((x) => x / 2),
        (x) => count(x, 'b'),
      ),
    );
  });

  it('multiply another distribution', async () => {
    const inner = tilted(texts.other, hasB, 0.5);
    await matches(
      await target(`${PRIOR}${OTHER}inner = other subject to { P(contains("b")) = 0.5 }\nposterior = prior * inner`),
      texts.prior.map((x, i) => x + inner[i]),
    );
    const left = tilted(texts.prior, hasB, 0.8);
    await matches(
      await target(`${PRIOR}${P_B}posterior = inner * inner`),
      left.map((x) => 2 * x),
    );
  });

  it('are scores', async () => {
    const inner = tilted(
      plus(texts.prior, (x) => x.length),
      as,
      1.3,
    );
    await matches(
      await target(`${PRIOR}${E_A}posterior = prior * exp(0.3 * log_prob(inner))`),
      texts.prior.map((x, i) => x + 0.3 * inner[i]),
    );
    const t = await target(`${PRIOR}${E_A}score = log_prob(inner)\nposterior = prior * exp(length)`);
    const gamma = plus(texts.prior, (x) => x.length);
    const z = sumExp(gamma);
    const mean = gamma.reduce((s, g, i) => s + Math.exp(g - z) * inner[i], 0);
    expect((await run(t, { engine: 'exact', draws: 0 })).expectations['score']!.value).toBeCloseTo(mean, 9);
  });

  it('may be nested, certain, slack or in moments of the whole', async () => {
    const first = tilted(texts.prior, hasB, 0.8);
    const second = tilted(
      first.map((x) => 2 * x),
      as,
      0.9,
    );
    await matches(
      await target(`${PRIOR}${P_B}second = inner ^ 2 subject to { E(count("a")) = 0.9 }\nposterior = second ^ 0.5`),
      second.map((x) => x / 2),
    );
    await matches(await target(`${PRIOR}${P_B}posterior = inner ^ 2 subject to { E(count("a")) = 0.9 }`), second);
    const both = tilted(first, as, 0.9);
    await matches(
      await target(`${PRIOR}${P_B}second = inner subject to { E(count("a")) = 0.9 }\nposterior = second ^ 3`),
      both.map((x) => 3 * x),
    );
    await matches(
      await target(`${PRIOR}inner = prior subject to { P(contains("aa")) = 0 }\nposterior = inner ^ 2`),
      texts.prior.map((x, i) => (has(texts.text[i], 'aa') ? -Infinity : 2 * x)),
    );
    await matches(
      await target(`${PRIOR}inner = prior subject to { P(contains("b")) >= 0.1 }\nposterior = inner ^ 2`),
      texts.prior.map((x) => 2 * x),
    );
  });

  it('say which moment is out of reach, of a score under no posterior at all', async () => {
    const inner = 'inner = prior subject to { E(count("a")) = 7 }\n';
    const error = await target(`${PRIOR}${inner}posterior = inner ^ 2`).catch((e: unknown) => e);
    expect((error as PostError).code).toBe('P405');
    const t = await target(`${PRIOR}${inner}score = log_prob(inner)\nposterior = prior | contains("a")`);
    expect(t.named).toEqual([]);
  });

  it('are fitted on a pilot, with a warning in every result, where nothing exact does', async () => {
    const wide = `prior = bigram({ "^": ${JSON.stringify(Object.fromEntries([...'abcdefgh'].map((c) => [c, 0.125])))}, ${[...'abcdefgh'].map((c) => `"${c}": { "a": 0.1, "b": 0.2, "c": 0.1, "d": 0.1, "e": 0.1, "f": 0.1, "g": 0.1, "h": 0.1, "$": 0.1 }`).join(', ')} }, max_tokens = 8, separator = " ")\n`;
    const inner = 'inner = prior subject to { E(distinct(1)) = 0.7 }\n';
    const one = await target(`${wide}${inner}posterior = inner ^ 1.1`);
    const two = await target(`${wide}${inner}posterior = inner ^ 1.1`);
    expect(one.warnings!.map((w) => w.code)).toEqual(['P606']);
    expect(one.stages[0].factors.map((f) => f.label)).toEqual(two.stages[0].factors.map((f) => f.label));
    const r = await run(one, { engine: 'importance', draws: 50, seed: '1' });
    expect(r.warnings.map((w) => w.code)).toContain('P606');
  });
});
