import fc from 'fast-check';
import { tableModel, type LanguageModel } from '@postulate/models';
import { describe, expect, it } from 'vitest';
import { backoffTables, enumerateTraces, expectation, modelLaws, totalMass } from '../../../testing/src/index.ts';
import {
  engineNamed,
  listedPolicy,
  logFactors,
  factorsOf,
  ratioPolicy,
  seededChooser,
  twistFor,
  twistedPolicy,
  withFittedMoments,
  logMeanExp,
  asTexts,
  type Target,
} from '../../src/index.ts';
import { answersOf, everySequence, fixture } from '../bind/support.ts';
import { tokenMachine } from '../exact/arbitraries.ts';
import { factorOf, opaqueFactor, targetOf } from '../exact/toys.ts';
import { keyOf } from '../support/toy.ts';

async function lawful(model: LanguageModel): Promise<void> {
  for (const law of await modelLaws(model, { texts: 60 }))
    expect(law, JSON.stringify(law)).toMatchObject({ holds: true });
}

const exactPolicy = (target: Target, options = {}): Promise<LanguageModel> | LanguageModel => {
  const engine = engineNamed('exact');
  return engine.policy!(target, { ...engine.defaults, ...options }, seededChooser('policy'));
};

interface Weights {
  readonly logMean: number;
  /** Variance of weight / mean weight. */
  readonly variance: number;
}

/** Weights prior · φ / q of draws of a policy. */
async function weightsUnder(target: Target, policy: LanguageModel, count: number): Promise<Weights> {
  const drawn = await policy.sample(count, seededChooser('draws'));
  const logPrior = await target.prior.logProb(drawn);
  const { logFactor } = await logFactors(factorsOf(target), asTexts(target.prior.vocabulary, drawn));
  const logs = Float64Array.from(drawn.logProbs, (q, i) => logPrior[i] + logFactor[i] - q);
  const logMean = logMeanExp(logs);
  return { logMean, variance: logs.reduce((s, l) => s + (Math.exp(l - logMean) - 1) ** 2, 0) / count };
}

describe('a twisted policy', () => {
  it('is a language model, whatever the twist and its strength', async () => {
    const cases = backoffTables({ maxTokens: 3 }).chain((prior) =>
      fc.record({
        prior: fc.constant(prior),
        weight: tokenMachine(prior.vocabulary.size, true),
        strength: fc.constantFrom(0, 0.5, 1, 3),
        name: fc.constantFrom('none', 'prefix', 'lookahead', 'learned', 'contrastive', 'soft-value'),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ prior, weight, strength, name }) => {
        const model = tableModel({ id: 'toy', ...prior });
        const t = targetOf(model, [factorOf('w', weight)]);
        const twist = await twistFor(t, name, { learnedDraws: 20 }, seededChooser('p'));
        // Without its law at hand the exact look-ahead goes token by token as well.
        await lawful(twistedPolicy(model, { ...twist, law: undefined }, strength));
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  it('multiplies the prior by ψ to the power of the strength, and follows the prior where all is lost', async () => {
    const t = await fixture('hybrid', 'posterior');
    const twist = await twistFor(t, 'prefix', {}, seededChooser('a'));
    const policy = twistedPolicy(t.prior, twist, 2.5);
    const [q, p, psi, next] = [policy.open(1), t.prior.open(1), twist.open(1), new Float64Array(3)];
    for (const token of [0, 1]) {
      void psi.next(0, next);
      const mass = Array.from(p.logProbs, (l, w) => Math.exp(l + 2.5 * next[w]));
      const total = mass.reduce((a, b) => a + b, 0);
      mass.forEach((m, w) => expect(Math.exp(q.logProbs[w])).toBeCloseTo(m / total, 13));
      for (const s of [q, p, psi]) void s.advance(Int32Array.of(token));
    }
    // After "ab" a second "b" is impossible; after "abb" everything is, and the prior goes on.
    expect(q.logProbs[1]).toBe(-Infinity);
    const dead = policy.open(1);
    const prior = t.prior.open(1);
    for (const s of [dead, prior]) for (const token of [1, 1]) void s.advance(Int32Array.of(token));
    dead.logProbs.forEach((l, w) => expect(l).toBeCloseTo(prior.logProbs[w], 13));
  });

  it.each([
    ['markov6', 'A'],
    ['markov6', 'B'],
    ['moments', 'one'],
    ['moments', 'two'],
    ['uncertain', 'marginal'],
    ['algebra', 'tilted'],
    ['needle', 'posterior'],
  ])('under the exact look-ahead is the posterior: weights of %s %s are constant', async (file, posterior) => {
    const { target } = await withFittedMoments(await fixture(file, posterior), seededChooser('m'));
    const twist = await twistFor(target, 'lookahead', {}, seededChooser('a'));
    expect(twist.exact).toBe(true);
    const answer = answersOf(file).find(([name]) => name === posterior)![1];
    for (const law of [twist.law, undefined]) {
      const weights = await weightsUnder(target, twistedPolicy(target.prior, { ...twist, law }, 1), 500);
      expect(weights.variance).toBeLessThan(1e-20);
      expect(weights.logMean).toBeCloseTo(answer.logZ, 9);
    }
  });

  it('draws by its own density on every path', async () => {
    const t = await fixture('algebra', 'tilted');
    const learned = await twistFor(t, 'learned', { learnedDraws: 50 }, seededChooser('p'));
    const lookahead = await twistFor(t, 'lookahead', {}, seededChooser('p'));
    for (const policy of [twistedPolicy(t.prior, learned, 2), twistedPolicy(t.prior, lookahead, 1)]) {
      const traces = await enumerateTraces(async (chooser) => {
        const d = await policy.sample(1, chooser);
        return { key: keyOf(d.tokens, d.finished[0] === 1), logProb: d.logProbs[0] };
      });
      expect(totalMass(traces)).toBeCloseTo(1, 12);
      const batch = everySequence(policy);
      const logs = await policy.logProb(batch);
      for (let i = 0; i < batch.size; i++) {
        const key = keyOf(batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]), batch.finished[i] === 1);
        expect(expectation(traces, (v) => (v.key === key ? 1 : 0))).toBeCloseTo(Math.exp(logs[i]), 12);
      }
      for (const { value } of traces) {
        const i = Array.from({ length: batch.size }, (_, k) => k).find(
          (k) =>
            keyOf(batch.tokens.subarray(batch.offsets[k], batch.offsets[k + 1]), batch.finished[k] === 1) === value.key,
        )!;
        expect(value.logProb).toBeCloseTo(logs[i], 12);
      }
    }
  });

  it('a learned twist makes weights vary less', async () => {
    const t = await fixture('soft', 'posterior');
    const odd = opaqueFactor(
      'odd',
      (text) => 1.2 * [...text].filter((c) => c === 'b').length + (text.endsWith('b') ? 1 : 0),
    );
    const target = { ...t, stages: [{ factors: [odd], moments: [] }] };
    const learned = await twistFor(target, 'learned', { learnedDraws: 4000 }, seededChooser('fit'));
    const none = await twistFor(target, 'none', {}, seededChooser('fit'));
    const steered = await weightsUnder(target, twistedPolicy(t.prior, learned, 1), 4000);
    const plain = await weightsUnder(target, twistedPolicy(t.prior, none, 1), 4000);
    const truth = await weightsUnder(target, await exactPolicy(target), 50);
    // Six standard errors: a false alarm once in 5e8. The variances came out as 0.03 and 2.87.
    expect(Math.abs(steered.logMean - truth.logMean)).toBeLessThan(6 * Math.sqrt(steered.variance / 4000));
    expect(steered.variance).toBeLessThan(0.1 * plain.variance);
  });
});

describe('the exact engine’s policy', () => {
  it.each([
    ['hard', 'posterior', {}],
    ['hybrid', 'posterior', { method: 'enumerate' }],
    ['algebra', 'tilted', {}],
    ['algebra', 'blend', {}],
    ['algebra', 'experts', { method: 'enumerate' }],
    ['tabular', 'both', {}],
    ['moments', 'two', {}],
    ['uncertain', 'cautious', {}],
  ])('of %s %s %j is a language model with the posterior’s law', async (file, posterior, options) => {
    const bound = await fixture(file, posterior);
    const policy = await exactPolicy(bound, options);
    await lawful(policy);
    const { target } = await withFittedMoments(bound, seededChooser('m'));
    expect((await weightsUnder(target, policy, 300)).variance).toBeLessThan(1e-20);
  });

  it('lists where a factor has no automaton', async () => {
    const t = await fixture('hard', 'posterior');
    const odd = opaqueFactor('odd', (text) => (text.length === 2 ? -Infinity : text.length));
    const target = { ...t, stages: [{ factors: [odd], moments: [] }] };
    const policy = await exactPolicy(target);
    await lawful(policy);
    expect((await weightsUnder(target, policy, 300)).variance).toBeLessThan(1e-20);
    await expect(exactPolicy(await fixture('needle', 'empty'))).rejects.toThrow('P403');
  });
});

describe('a listed policy', () => {
  it('follows every prefix, also after the rows are reordered', async () => {
    const t = await fixture('hard', 'posterior');
    const batch = everySequence(t.prior);
    const logs = Float64Array.from({ length: batch.size }, (_, i) => (i % 3 === 0 ? -Infinity : Math.sin(i)));
    const policy = listedPolicy(t.prior, batch, logs);
    await lawful(policy);
    const session = policy.open(2);
    void session.advance(Int32Array.of(0, 1));
    const before = session.logProbs.slice();
    session.reorder(Int32Array.of(1, 0, 1));
    expect([...session.logProbs]).toEqual([...before.slice(3), ...before.slice(0, 3), ...before.slice(3)]);
  });
});

describe('a ratio of models', () => {
  it('adds alpha times the difference of the experts to the prior’s logits', async () => {
    const t = await fixture('algebra', 'tilted');
    const [first, second] = t.prior.components!.map((c) => c.model);
    for (const alpha of [0, 0.5, 2]) {
      const policy = ratioPolicy(t.prior, first, second, alpha);
      await lawful(policy);
      const rows = [t.prior, first, second].map((m) => m.open(1));
      const found = policy.open(1);
      for (const token of [1, 0]) {
        const [p, plus, minus] = rows.map((r) => r.logProbs);
        const raw = Array.from(p, (l, w) => l + alpha * (plus[w] - minus[w]));
        const total = Math.log(raw.reduce((s, l) => s + Math.exp(l), 0));
        raw.forEach((l, w) => expect(found.logProbs[w]).toBeCloseTo(l - total, 12));
        for (const s of [...rows, found]) void s.advance(Int32Array.of(token));
      }
    }
  });
});
