import { PostError } from '@postulate/graph';
import { engineNamed, run, type Approximation, type Draw, type Target } from '@postulate/inference';
import { textBatch } from '@postulate/models';
import { describe, expect, it } from 'vitest';
import type { Chooser } from '@postulate/models';
import {
  allSequences,
  enumerateTraces,
  expectation,
  functionLaws,
  modelLaws,
  posteriorLaws,
  potentialLaws,
  properWeightingLaws,
  samePosterior,
  shiftLaw,
  totalMass,
  weightedResult,
  type LawReport,
  type Runner,
  type WeightedResult,
} from '../src/index.ts';
import { FIXTURE_CELLS, MARKOV_CELLS } from './answers.ts';
import { targetOf, targetOfFile } from './pipeline.ts';

const PRIOR = `prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 },
  "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 2)
nb = count("b")
noBB = not contains("bb")
`;
const toy = (posterior: string) => targetOf(`${PRIOR}posterior = ${posterior}\n`, 'posterior');
const key = (d: Pick<Draw, 'tokens' | 'finished'>) => `${Array.from(d.tokens).join('')}${d.finished ? '$' : ''}`;
const broken = (reports: readonly LawReport[]) => reports.filter((r) => !r.holds);

/** γ of every sequence, from the bound prior and factors. */
async function gamma(target: Target): Promise<Map<string, number>> {
  const { vocabulary, maxTokens } = target.prior;
  const batch = textBatch(vocabulary, allSequences(vocabulary.size, maxTokens)!);
  const log = Float64Array.from(await target.prior.logProb(batch));
  for (const factor of target.stages.flatMap((s) => s.factors))
    (await factor.logWeights(batch)).forEach((w, i) => (log[i] += w));
  const keyAt = (i: number) =>
    key({ tokens: batch.tokens.slice(batch.offsets[i], batch.offsets[i + 1]), finished: batch.finished[i] === 1 });
  return new Map(Array.from(log, (w, i) => [keyAt(i), Math.exp(w)]));
}

/** An engine as a program whose only chance is the chooser. */
const program =
  (target: Target, name: string, draws: number, options: Readonly<Record<string, number>>, budget = Infinity) =>
  async (chooser: Chooser): Promise<Approximation> => {
    const engine = engineNamed(name);
    const request = { draws, budget };
    let state = await engine.init(target, { ...engine.defaults, ...options }, request, chooser);
    for (;;) {
      const step = await engine.step(state, chooser);
      state = step.state;
      if (step.done) return engine.finish(state);
    }
  };

/** All proposals of weight zero are an error of the run; as an estimate it says Z = 0. */
function allDead(error: unknown): WeightedResult {
  if (error instanceof PostError && error.code === 'P604') return { logZ: -Infinity, particles: [] };
  throw error;
}

/** Half of the prior is dead from the first token on: rejection soon leaves it out of its proposals. */
const REMOVING = 'prior | starts_with("b")';

describe('exhaustive traces', () => {
  const posteriors = ['prior * exp(nb)', 'prior | noBB', 'prior * exp(2 * nb) | noBB'];
  it.each(posteriors)('importance is properly weighted: %s', async (text) => {
    const target = await toy(text);
    const importance = program(target, 'importance', 2, { proposals: 2 });
    const traces = await enumerateTraces((c) => importance(c).then((a) => weightedResult(a, key), allDead));
    expect(broken(properWeightingLaws(traces, await gamma(target)))).toEqual([]);
  });

  // Batches of one, so that what a batch learns about dead prefixes is used by the next.
  it.each([...posteriors, REMOVING])(
    'rejection within a budget estimates Z without bias and draws from the posterior: %s',
    async (text) => {
      const target = await toy(text);
      const rejection = program(target, 'rejection', 1000, { batch: 1 }, text.includes('exp') ? 2 : 3);
      const nothing = (error: unknown) => {
        if (error instanceof PostError && error.code === 'P603') return undefined;
        throw error;
      };
      const traces = await enumerateTraces((c) => rejection(c).catch(nothing));
      const exact = await gamma(target);
      const z = [...exact.values()].reduce((a, b) => a + b, 0);
      expect(Math.abs(totalMass(traces) - 1)).toBeLessThan(1e-12);
      expect(Math.abs(expectation(traces, (a) => (a === undefined ? 0 : Math.exp(a.logZ!.value))) - z)).toBeLessThan(
        1e-12,
      );
      const removed = Math.max(...traces.map((t) => t.value?.diagnostics.extra['removedMass'] ?? 0));
      if (text === REMOVING) expect(removed).toBeGreaterThan(0.4);
      const accepted = expectation(traces, (a) => (a === undefined ? 0 : 1));
      for (const [name, g] of exact) {
        const first = expectation(traces, (a) => (a !== undefined && key(a.draws[0]) === name ? 1 : 0));
        expect(Math.abs(first / accepted - g / z), name).toBeLessThan(1e-12);
      }
    },
  );

  it.each(posteriors)('an exact draw has exactly the probability of the posterior: %s', async (text) => {
    const target = await toy(text);
    const traces = await enumerateTraces(program(target, 'exact', 1, {}));
    expect(Math.abs(totalMass(traces) - 1)).toBeLessThan(1e-12);
    const exact = await gamma(target);
    const z = [...exact.values()].reduce((a, b) => a + b, 0);
    for (const [name, g] of exact) {
      const found = expectation(traces, (a) => (key(a.draws[0]) === name ? 1 : 0));
      expect(Math.abs(found - g / z), name).toBeLessThan(1e-12);
    }
  });
});

describe('laws of the pieces of every fixture', () => {
  const cells = [...FIXTURE_CELLS, ...MARKOV_CELLS].filter((c) => c.answer.zeroMass !== true);
  it.each(cells)('$label', async (cell) => {
    const target = await targetOfFile(cell.path, cell.posterior, { set: cell.set });
    const reports = await modelLaws(target.prior);
    for (const factor of target.stages.flatMap((s) => s.factors))
      reports.push(...(await potentialLaws(factor, target.prior)));
    for (const f of target.named) reports.push(...(await functionLaws(f, target.prior)));
    expect(broken(reports)).toEqual([]);
  });
});

describe('laws of posteriors', () => {
  const by =
    (engine: string, options: Readonly<Record<string, number>> = {}): Runner =>
    (target) =>
      run(target, { engine, options, draws: 50, seed: 'laws', budget: Infinity });
  const exact = by('exact');

  it.each(['prior * exp(nb / 0.5)', 'prior | noBB', 'prior * exp(nb - 0.1 * length) | noBB'])(
    'exact: %s',
    async (text) => {
      expect(broken(await posteriorLaws(await toy(text), exact))).toEqual([]);
    },
  );

  it.each(['prior * exp(nb / 0.5)', 'prior * exp(nb) | noBB'])('importance, the same seed: %s', async (text) => {
    expect(broken(await posteriorLaws(await toy(text), by('importance', { proposals: 2000 })))).toEqual([]);
  });

  it('hold between files: r + c, P(e) = 1, conditioning twice, grouping', async () => {
    const beta = 0.5;
    const base = await toy(`prior * exp(nb / ${beta})`);
    const reports = [
      await shiftLaw(base, await toy(`prior * exp((nb + 0.75) / ${beta})`), 0.75 / beta, exact),
      await shiftLaw(
        base,
        await toy(`prior * exp((nb + 0.75) / ${beta})`),
        0.75 / beta,
        by('importance', { proposals: 500 }),
      ),
      await samePosterior('P(e) = 1', await toy('prior subject to { P(noBB) = 1 }'), await toy('prior | noBB'), exact),
      await samePosterior(
        'P(e) = 0',
        await toy('prior subject to { P(not noBB) = 0 }'),
        await toy('prior | noBB'),
        exact,
      ),
      await samePosterior('twice', await toy('prior | noBB | noBB'), await toy('prior | noBB'), exact),
      await samePosterior(
        'grouping',
        await toy('prior * (exp(nb) * indicator(noBB))'),
        await toy('prior * exp(nb) | noBB'),
        exact,
      ),
      await samePosterior('order', await toy('(prior | noBB) * exp(nb)'), await toy('prior * exp(nb) | noBB'), exact),
    ];
    expect(broken(reports)).toEqual([]);
    for (const r of reports) expect(r.checked, r.law).toBeGreaterThan(5);
  });
});
