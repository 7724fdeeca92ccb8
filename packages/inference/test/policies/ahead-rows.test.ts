import type { LanguageModel } from '@postulate/models';
import { expect, it } from 'vitest';
import {
  aheadRows,
  doubtsOf,
  seededChooser,
  twistFor,
  type PreparedTwist,
  type Target,
  type Twist,
} from '../../src/index.ts';
import { everySequence, target } from '../bind/support.ts';

const WORD = 'posterior = prior * exp(2 * indicator(contains("ab")))';
const OWN = `prior = bigram({ "^": { "a": 0.4, "b": 0.3, "c": 0.1, "$": 0.2 }, "a": { "a": 0.2, "b": 0.4, "c": 0.1, "$": 0.3 }, "b": { "a": 0.2, "b": 0.3, "c": 0.2, "$": 0.3 }, "c": { "a": 0.3, "b": 0.2, "c": 0.1, "$": 0.4 } }, max_tokens = 4)\n${WORD}`;
/** A prior of the same tokens that says "ab" far less often: its look-ahead is wrong of the first. */
const OTHER = OWN.replace('"b": 0.4, "c": 0.1, "$": 0.3', '"b": 0.05, "c": 0.45, "$": 0.3');

const lookahead = (t: Target): Promise<PreparedTwist> =>
  twistFor(t, 'lookahead', { maxStates: 1000, maxMemoryMB: 100 } as never, seededChooser('twist'), {});

/** log prior and log ψ of every next token after a prefix. */
function after(prior: LanguageModel, twist: Twist, prefix: readonly number[]): readonly [number[], number[]] {
  const [session, twisted] = [prior.open(1), twist.open(1)];
  for (const token of prefix) {
    void session.advance(Int32Array.of(token));
    void twisted.advance(Int32Array.of(token));
  }
  const logs = new Float64Array(prior.vocabulary.size + 1);
  void twisted.next(0, logs);
  return [[...session.logProbs], [...logs]];
}

/** As the page of gdc says it: ways that ψ changes, or is doubted for, by most are asked about `depth` tokens deep, two and then one each. */
interface Question {
  readonly depth: number;
  readonly doubts?: Float64Array;
  readonly ways?: number;
  readonly share?: number;
}

/** Weights prior · ψ of every next token, once the prior is asked. */
function weightsAfter(prior: LanguageModel, twist: Twist, prefix: readonly number[], question: Question): number[] {
  const { depth, doubts, ways = 2, share = 1 } = question;
  const [law, psi] = after(prior, twist, prefix).map((row) => row.map(Math.exp));
  const weights = law.map((p, v) => p * psi[v]);
  const mean = weights.reduce((a, b) => a + b, 0);
  if (depth === 0 || prefix.length + 1 === prior.maxTokens) return weights;
  const gains = law.slice(0, -1).map((p, v) => {
    const told = Math.abs(Math.log(psi[v] / mean)) > 0.1 ? Math.abs(psi[v] / mean - 1) : 0;
    return share * p * Math.max(told, doubts?.[v] ?? 0);
  });
  const asked = [...gains.keys()].filter((v) => gains[v] > 1e-3).sort((v, w) => gains[w] - gains[v]);
  for (const way of asked.slice(0, ways)) {
    const within = share * Math.max(law[way], (law[way] * psi[way]) / mean);
    const further = weightsAfter(prior, twist, [...prefix, way], {
      ...question,
      depth: depth - 1,
      ways: 1,
      share: within,
    });
    weights[way] = law[way] * further.reduce((a, b) => a + b, 0);
  }
  return weights;
}

it('with the expectation itself for a twist, asking the prior changes nothing', async () => {
  const t = await target(OWN);
  const [batch, twist] = [everySequence(t.prior), await lookahead(t)];
  const { rows: plain } = await aheadRows(t.prior, twist, batch, { depth: 0 });
  for (const depth of [1, 2, 3]) {
    const { rows } = await aheadRows(t.prior, twist, batch, { depth });
    expect(rows).toHaveLength(plain.length);
    rows.forEach((x, k) => (plain[k] === -Infinity ? expect(x).toBe(-Infinity) : expect(x).toBeCloseTo(plain[k], 12)));
  }
});

it.each([
  ...[0, 1, 2, 3].map((depth): Question => ({ depth })),
  // The end aside, all tokens are doubted more than ψ changes any.
  { depth: 2, doubts: Float64Array.of(0.9, 30, 90) },
])(
  'asks about the tokens that a wrong twist changes most: %j; settled rows are those of the prior',
  async (question) => {
    const t = await target(OWN);
    const [batch, twist] = [everySequence(t.prior), await lookahead(await target(OTHER))];
    const width = t.prior.vocabulary.size + 1;
    const settled = new Uint8Array(batch.tokens.length + batch.size);
    const choices = Array.from({ length: batch.size }, (_, i) => [
      ...batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]),
    ]).flatMap((text, i) => Array.from({ length: text.length + batch.finished[i] }, (_, n) => text.slice(0, n)));
    choices.forEach((prefix, j) => (settled[j] = prefix.join('') === '01' ? 1 : 0));
    const { rows, known } = await aheadRows(t.prior, twist, batch, question, settled);
    expect(rows).toHaveLength(choices.length * width);
    let before = 0;
    choices.forEach((prefix, j) => {
      const [law] = after(t.prior, twist, prefix);
      const weights = settled[j] === 1 ? law.map(Math.exp) : weightsAfter(t.prior, twist, prefix, question);
      const total = weights.reduce((a, b) => a + b, 0);
      weights.forEach((w, v) => expect(Math.exp(rows[j * width + v])).toBeCloseTo(w / total, 12));
      if (prefix.length === 0) before = 0;
      if (settled[j] === 0) expect(known![j]).toBeCloseTo(before + Math.log(total), 12);
      const next = choices[j + 1]?.[prefix.length] ?? 0;
      before += law[next] - rows[j * width + next];
    });
  },
);

it('doubts a twist where it is wrong: after "a", and once that is asked about, after what leads there', async () => {
  const t = await target(OWN);
  const [own, other] = [await lookahead(t), await lookahead(await target(OTHER))];
  const none = await doubtsOf(t.prior, own, 2, seededChooser('doubts'));
  none.forEach((d) => expect(d).toBeLessThan(1e-12));
  const [a, ...others] = await doubtsOf(t.prior, other, 0, seededChooser('doubts'));
  others.forEach((d) => expect(a).toBeGreaterThan(2 * d));
  const [once, ...then] = await doubtsOf(t.prior, other, 1, seededChooser('doubts'));
  expect(once).toBeLessThan(0.5 * a);
  expect(Math.max(...then)).toBeGreaterThan(once);
});
