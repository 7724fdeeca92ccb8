import { describe, expect, it } from 'vitest';
import { enumerateTraces, expectation, properWeightingLaws, totalMass, zGate } from '../../../testing/src/index.ts';
import {
  engineNamed,
  logMeanExp,
  run,
  seededChooser,
  type Approximation,
  type Draw,
  type Target,
} from '../../src/index.ts';
import type { Chooser, LanguageModel } from '@postulate/models';
import { everySequence, fixture, target } from '../bind/support.ts';
import { opaqueFactor } from '../exact/toys.ts';
import { FALSE_ALARM } from '../support/gate.ts';
import { keyOf, TOY } from '../support/toy.ts';
import { targetValues } from '../twists/support.ts';

const ENGINE = engineNamed('weighted-decoding');

const policyOf = (t: Target, options: object): Promise<LanguageModel> | LanguageModel =>
  ENGINE.policy!(t, { ...ENGINE.defaults, ...options }, seededChooser('policy'));

const textOf = (d: Pick<Draw, 'tokens'>): string => [...d.tokens].map((w) => 'ab'[w]).join('');

/** Probability of every sequence under a policy, by its text: in these toys the text tells how it ended. */
async function lawOf(policy: LanguageModel): Promise<ReadonlyMap<string, number>> {
  const batch = everySequence(policy);
  const logs = await policy.logProb(batch);
  return new Map([...logs].map((l, i) => [batch.text(i), Math.exp(l)]));
}

/** Fixture A1 of the reference: the token mask, and the posterior. */
const MASK: Readonly<Record<string, number>> = {
  ...{ '': 1 / 5, a: 3 / 20, b: 9 / 50, aa: 9 / 200, ab: 3 / 25, ba: 9 / 250 },
  ...{ aaa: 9 / 200, aab: 3 / 50, aba: 2 / 25, baa: 9 / 250, bab: 6 / 125 },
};
const POSTERIOR: Readonly<Record<string, number>> = {
  ...{ '': 4 / 15, a: 1 / 5, b: 3 / 25, aa: 3 / 50, ab: 2 / 25, ba: 3 / 125 },
  ...{ aaa: 3 / 50, aab: 2 / 25, aba: 4 / 75, baa: 3 / 125, bab: 4 / 125 },
};

describe('masking tokens is not conditioning', () => {
  it('has exactly the law and the distance of golden fixture A1', async () => {
    const law = await lawOf(await policyOf(await fixture('hard', 'posterior'), { scorer: 'prefix' }));
    let tv = 0;
    for (const [text, p] of law) {
      expect(Math.abs(p - (MASK[text] ?? 0))).toBeLessThan(1e-14);
      tv += Math.abs(p - (POSTERIOR[text] ?? 0)) / 2;
    }
    expect(tv).toBeCloseTo(1 / 6, 13);
  });

  it('is told by the engine: distance, divergences and verdict', async () => {
    const t = await fixture('hard', 'posterior');
    const result = await run(t, { engine: 'weighted-decoding', options: { scorer: 'prefix', samples: 20_000 } });
    const d = result.details!.divergences!;
    const truth = { tv: 1 / 6, klReverse: 0.0588915178 };
    for (const [name, value] of Object.entries(truth)) {
      const found = d[name]!;
      expect(zGate(found.value, found.standardError!, value, { falseAlarm: FALSE_ALARM })).toMatchObject({
        passes: true,
      });
      expect(found.standardError!).toBeLessThan(0.01);
    }
    const z = result.logZ!;
    expect(zGate(z.value, z.standardError!, Math.log(3 / 4), { falseAlarm: FALSE_ALARM })).toMatchObject({
      passes: true,
    });
    expect(result).toMatchObject({ guarantee: 'heuristic', kind: 'draws' });
    expect(result.draws.length).toBe(100);
    expect(result.diagnostics.verdict).toMatch(/not the posterior.*total variation.*proposal=weighted-decoding/);
    expect(result.warnings.map((w) => w.code)).toContain('P606');
    // Expectations are those of what is drawn: E #b is 0.576 under the mask and 0.4453 under the posterior.
    const nb = [...Object.entries(MASK)].reduce((s, [text, p]) => s + p * [...text].filter((c) => c === 'b').length, 0);
    const e = result.expectations.nb!;
    expect(zGate(e.value, e.standardError!, nb, { falseAlarm: FALSE_ALARM })).toMatchObject({ passes: true });
    expect(zGate(e.value, e.standardError!, 0.4453333333, { falseAlarm: FALSE_ALARM })).toMatchObject({
      passes: false,
    });
  });

  it('becomes conditioning with the exact look-ahead, and says so', async () => {
    const t = await fixture('hard', 'posterior');
    const law = await lawOf(await policyOf(t, {}));
    for (const [text, p] of law) expect(Math.abs(p - (POSTERIOR[text] ?? 0))).toBeLessThan(1e-14);
    const result = await run(t, { engine: 'weighted-decoding', draws: 50 });
    expect(result).toMatchObject({ guarantee: 'exact draws', diagnostics: { verdict: 'ok' } });
    expect(result.logZ).toMatchObject({ kind: 'exact', standardError: 0 });
    expect(result.logZ!.value).toBeCloseTo(Math.log(3 / 4), 12);
    expect(result.reasons![0]).toMatch(/^lookahead/);
    const stronger = await run(t, { engine: 'weighted-decoding', draws: 50, options: { strength: 2 } });
    expect(stronger.guarantee).toBe('heuristic');
  });
});

describe('a ratio of models', () => {
  it('is taken token by token from the densities in the factors', async () => {
    const t = await target(
      `${await source()}posterior = prior * exp(0.5 * (log_prob(other) - log_prob(prior))) * exp(nb)`,
    );
    const policy = await policyOf(t, { scorer: 'ratio', strength: 2 });
    const other = (await target(`${await source()}posterior = other * exp(nb)`)).prior;
    const rows = [t.prior.open(1).logProbs, other.open(1).logProbs];
    const raw = Array.from(rows[0], (p, w) => p + 2 * 0.5 * (rows[1][w] - p));
    const total = Math.log(raw.reduce((s, l) => s + Math.exp(l), 0));
    raw.forEach((l, w) => expect(policy.open(1).logProbs[w]).toBeCloseTo(l - total, 12));
    const result = await run(t, { engine: 'weighted-decoding', options: { scorer: 'ratio' } });
    expect(result.reasons![0]).toMatch(/ratio.*0\.5, -0\.5.*exp\(nb\)/);
  });

  it('is refused where there is none', async () => {
    await expect(policyOf(await fixture('hard', 'posterior'), { scorer: 'ratio' })).rejects.toThrow(
      /P600.*density|P600.*densities/,
    );
    await expect(policyOf(await fixture('hard', 'posterior'), { scorer: 'mind' })).rejects.toThrow(/P602.*mind/);
  });
});

async function source(): Promise<string> {
  const { readFileSync } = await import('node:fs');
  const text = readFileSync(new URL('../../../testing/fixtures/algebra.post', import.meta.url), 'utf8');
  return `${text.split('\n').slice(0, 3).join('\n')}\n`;
}

async function once(t: Target, options: object, draws: number, chooser: Chooser): Promise<Approximation> {
  let state = await ENGINE.init(t, { ...ENGINE.defaults, ...options }, { draws, budget: Infinity }, chooser);
  for (;;) {
    const step = await ENGINE.step(state, chooser);
    ({ state } = step);
    if (step.done) return ENGINE.finish(state);
  }
}

describe('every path of weighted decoding', () => {
  const posteriors = [
    'prior * exp(count("b"))',
    'prior | not contains("bb")',
    'prior * exp(0.7 * length) | contains("b")',
  ];
  const plans = [
    { scorer: 'prefix', samples: 2 },
    { scorer: 'prefix', samples: 2, strength: 2.5, batch: 1 },
    { scorer: 'lookahead', samples: 1 },
    { scorer: 'lookahead', samples: 2, strength: 0.4 },
    { scorer: 'none', samples: 2 },
  ];
  it.each(posteriors.flatMap((p) => plans.map((plan) => [p, plan] as const)))(
    '%s under %j',
    async (posterior, plan) => {
      const t = await target(`${TOY}posterior = ${posterior}`);
      const q = await lawOf(await policyOf(t, plan));
      const gamma = new Map<string, number>();
      const batch = everySequence(t.prior);
      const values = await targetValues(t);
      for (let i = 0; i < batch.size; i++) {
        const tokens = batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]);
        const v = values.get(keyOf(tokens, batch.finished[i] === 1));
        if (v !== undefined && v.log > -Infinity) gamma.set(batch.text(i), Math.exp(v.logPrior + v.log));
      }
      const n = plan.samples;
      const traces = await enumerateTraces(async (chooser) => {
        try {
          return await once(t, plan, n, chooser);
        } catch (error) {
          if ((error as { code?: string }).code === 'P604') return undefined;
          throw error;
        }
      });
      expect(totalMass(traces)).toBeCloseTo(1, 12);
      // Where every weight came out as zero there is an error and Ẑ = 0.
      const weighted = traces.map((trace) => ({
        logProbability: trace.logProbability,
        value: trace.value === undefined ? { logZ: -Infinity, particles: [] } : weightedOf(trace.value),
      }));
      for (const law of properWeightingLaws(weighted, gamma))
        expect(law, JSON.stringify(law)).toMatchObject({ holds: true });
      if (traces.some((x) => x.value === undefined)) return;
      for (const [text, p] of q) {
        const share = expectation(traces, (r) => r!.draws.filter((d) => textOf(d) === text).length / n);
        expect(share).toBeCloseTo(p, 12);
      }
      for (const { value } of traces) {
        value!.draws.forEach((d, i) => {
          if (d.logFactor === -Infinity) return;
          const logQ = d.logPrior + d.logFactor - value!.details!.logWeights![i];
          expect(logQ).toBeCloseTo(Math.log(q.get(textOf(d))!), 11);
          expect(d.logWeight).toBe(0);
        });
      }
    },
  );
});

/** Draws with their importance weights: each stands for w / n. */
function weightedOf(r: Approximation) {
  const { logWeights } = r.details!;
  return {
    logZ: logMeanExp(logWeights!),
    particles: r.draws.map((d, i) => ({ key: textOf(d), logWeight: logWeights![i] - Math.log(r.draws.length) })),
  };
}

describe('chunks', () => {
  it('are functions of their index, can be done in any order and sent as messages', async () => {
    const t = await fixture('hybrid', 'posterior');
    const options = { ...ENGINE.defaults, scorer: 'prefix', samples: 50, batch: 16 };
    const init = () => ENGINE.init(t, options, { draws: 50, budget: Infinity }, seededChooser('chunks'));
    const state = await init();
    const done: unknown[] = [];
    for (const k of [3, 1, 0, 2]) done[k] = structuredClone(await ENGINE.chunk!(state, k));
    const request = { draws: 50, budget: Infinity, work: ({ index }: { readonly index: number }) => done[index] };
    const from = async (r: object) => {
      let s = await ENGINE.init(t, options, r as typeof request, seededChooser('chunks'));
      for (;;) {
        const step = await ENGINE.step(s, seededChooser('unused'));
        s = step.state;
        if (step.done) return ENGINE.finish(s);
      }
    };
    expect(await from(request)).toEqual(await from({ draws: 50, budget: Infinity }));
  });
});

describe('what cannot be scored before the end', () => {
  it('is learned, and what has no weight is told', async () => {
    const t = await fixture('hard', 'posterior');
    const odd = { ...opaqueFactor('odd', (text) => (text.length % 2 === 1 ? -Infinity : 0)) };
    const own = { ...t, stages: [{ factors: [odd], moments: [] }] };
    const result = await run(own, { engine: 'weighted-decoding', draws: 200 });
    expect(result.reasons![0]).toMatch(/^learned/);
    expect(result.diagnostics.modelCalls).toBe(5000 + 1000);
    const none = await run(own, { engine: 'weighted-decoding', draws: 200, options: { scorer: 'none' } });
    expect(none.diagnostics.extra.deadFraction).toBeGreaterThan(0.3);
    expect(none.diagnostics.verdict).toContain('have weight zero');
    expect(none.unavailable).toHaveProperty('klReverse');
    expect(result.diagnostics.extra.deadFraction).toBeLessThan(none.diagnostics.extra.deadFraction);
    const nothing = { ...own, stages: [{ factors: [opaqueFactor('no', () => -Infinity)], moments: [] }] };
    await expect(run(nothing, { engine: 'weighted-decoding' })).rejects.toThrow(/P604.*no rejected 1000/);
  });

  it('stops within its budget', async () => {
    const t = await fixture('hard', 'posterior');
    const result = await run(t, { engine: 'weighted-decoding', budget: 70, draws: 100, options: { scorer: 'prefix' } });
    expect(result.diagnostics.modelCalls).toBe(70);
    expect(result.draws.length).toBe(70);
    expect(result.warnings.map((w) => w.code)).toContain('P603');
  });
});
