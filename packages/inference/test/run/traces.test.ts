import { describe, expect, it } from 'vitest';
import { PostError } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import {
  enumerateTraces,
  properWeightingLaws,
  weightedResult,
  type WeightedResult,
} from '../../../testing/src/index.ts';
import { engineNamed, type Draw, type Target } from '../../src/index.ts';
import { everySequence, target } from '../bind/support.ts';

const TOY =
  'prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "b": 0.4, "$": 0.6 }, "b": { "b": 0.5, "$": 0.5 } }, max_tokens = 2)\n';

const key = (d: Draw): string => `${[...d.tokens].join()}${d.finished ? '$' : ''}`;

/** γ of every sequence, summed in the plain scale. */
async function gamma(t: Target): Promise<ReadonlyMap<string, number>> {
  const batch = everySequence(t.prior);
  const logs = [await t.prior.logProb(batch)];
  for (const f of t.stages[0].factors) logs.push(await f.logWeights(batch));
  const masses = new Map<string, number>();
  for (let i = 0; i < batch.size; i++) {
    const tokens = batch.tokens.slice(batch.offsets[i], batch.offsets[i + 1]);
    const mass = Math.exp(logs.reduce((s, l) => s + l[i], 0));
    if (mass > 0) masses.set(`${[...tokens].join()}${batch.finished[i] ? '$' : ''}`, mass);
  }
  return masses;
}

/** One run of an engine on a path of choices; a run that ends without a result has Ẑ = 0. */
async function once(
  t: Target,
  engine: string,
  options: object,
  draws: number,
  budget: number,
  chooser: Chooser,
): Promise<WeightedResult> {
  const e = engineNamed(engine);
  try {
    let state = await e.init(t, { ...e.defaults, ...options }, { draws, budget }, chooser);
    for (;;) {
      const step = await e.step(state, chooser);
      ({ state } = step);
      if (step.done) return weightedResult(await e.finish(state), key);
    }
  } catch (error) {
    if (error instanceof PostError && (error.code === 'P603' || error.code === 'P604'))
      return { logZ: -Infinity, particles: [] };
    throw error;
  }
}

const POSTERIORS = [
  'prior * exp(count("b"))',
  'prior | not contains("bb")',
  'prior * exp(0.7 * length) | contains("b")',
];
const PLANS: readonly (readonly [string, object, number, number])[] = [
  ['rejection', { batch: 3, removeDead: false }, 3, 3],
  ['rejection', { batch: 1, removeDead: false }, 2, 4],
  ['rejection', { batch: 4, removeDead: false }, 2, 4],
  ['importance', { proposals: 2, resample: false }, 2, Infinity],
  ['importance', { proposals: 3, resample: false, batch: 2 }, 3, Infinity],
  ['importance', { proposals: 3 }, 2, Infinity],
  ['importance', { proposals: 2 }, 4, Infinity],
];

describe('every path of an engine’s choices', () => {
  it.each(PLANS.flatMap((plan) => POSTERIORS.map((p) => [...plan, p] as const)))(
    '%s %j, %i draws, budget %d: %s',
    async (engine, options, draws, budget, posterior) => {
      const t = await target(`${TOY}posterior = ${posterior}`);
      const traces = await enumerateTraces((chooser) => once(t, engine, options, draws, budget, chooser), {
        maxTraces: 50_000,
      });
      for (const law of properWeightingLaws(traces, await gamma(t)))
        expect(law, JSON.stringify(law)).toMatchObject({ holds: true });
    },
  );
});
