import type { LanguageModel } from '@postulate/models';
import { expect, it } from 'vitest';
import { aheadRows, seededChooser, twistFor, type PreparedTwist, type Target, type Twist } from '../../src/index.ts';
import { everySequence, target } from '../bind/support.ts';

const WORD = 'posterior = prior * exp(2 * indicator(contains("ab")))';
const OWN = `prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 4)\n${WORD}`;
/** A prior of the same tokens that says "ab" far less often: its look-ahead is wrong of the first. */
const OTHER = OWN.replace('"b": 0.4, "$": 0.3', '"b": 0.05, "$": 0.65');

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

/** Weights prior · ψ of every next token, the one that ψ changes most asked about `depth` tokens deep; as the page of gdc says it. */
function weightsAfter(prior: LanguageModel, twist: Twist, prefix: readonly number[], depth: number): number[] {
  const [law, psi] = after(prior, twist, prefix).map((row) => row.map(Math.exp));
  const weights = law.map((p, v) => p * psi[v]);
  const mean = weights.reduce((a, b) => a + b, 0);
  if (depth === 0 || prefix.length + 1 === prior.maxTokens) return weights;
  const gains = law.map((p, v) =>
    v < prior.vocabulary.size && Math.abs(Math.log(psi[v] / mean)) > 0.1 ? p * Math.abs(psi[v] / mean - 1) : 0,
  );
  const way = gains.indexOf(Math.max(...gains));
  if (gains[way] > 1e-3) {
    weights[way] = law[way] * weightsAfter(prior, twist, [...prefix, way], depth - 1).reduce((a, b) => a + b, 0);
  }
  return weights;
}

it('with the expectation itself for a twist, asking the prior changes nothing', async () => {
  const t = await target(OWN);
  const [batch, twist] = [everySequence(t.prior), await lookahead(t)];
  const plain = await aheadRows(t.prior, twist, batch, 0);
  for (const depth of [1, 2, 3]) {
    const rows = await aheadRows(t.prior, twist, batch, depth);
    expect(rows).toHaveLength(plain.length);
    rows.forEach((x, k) => (plain[k] === -Infinity ? expect(x).toBe(-Infinity) : expect(x).toBeCloseTo(plain[k], 12)));
  }
});

it.each([0, 1, 2, 3])(
  'asks about the token that a wrong twist changes most, %d deep; settled rows are those of the prior',
  async (depth) => {
    const t = await target(OWN);
    const [batch, twist] = [everySequence(t.prior), await lookahead(await target(OTHER))];
    const width = t.prior.vocabulary.size + 1;
    const settled = new Uint8Array(batch.tokens.length + batch.size);
    const choices = Array.from({ length: batch.size }, (_, i) => [
      ...batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]),
    ]).flatMap((text, i) => Array.from({ length: text.length + batch.finished[i] }, (_, n) => text.slice(0, n)));
    choices.forEach((prefix, j) => (settled[j] = prefix.join('') === '01' ? 1 : 0));
    const rows = await aheadRows(t.prior, twist, batch, depth, settled);
    expect(rows).toHaveLength(choices.length * width);
    choices.forEach((prefix, j) => {
      const weights =
        settled[j] === 1 ? after(t.prior, twist, prefix)[0].map(Math.exp) : weightsAfter(t.prior, twist, prefix, depth);
      const total = weights.reduce((a, b) => a + b, 0);
      weights.forEach((w, v) => expect(Math.exp(rows[j * width + v])).toBeCloseTo(w / total, 12));
    });
  },
);
