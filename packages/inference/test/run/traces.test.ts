import { describe, expect, it } from 'vitest';
import { enumerateTraces, properWeightingLaws } from '../../../testing/src/index.ts';
import { target } from '../bind/support.ts';
import { gamma, TOY, weightedRunOf } from '../support/toy.ts';

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
      const traces = await enumerateTraces((chooser) => weightedRunOf(engine, t, options, { draws, budget }, chooser), {
        maxTraces: 50_000,
      });
      for (const law of properWeightingLaws(traces, await gamma(t)))
        expect(law, JSON.stringify(law)).toMatchObject({ holds: true });
    },
  );
});
