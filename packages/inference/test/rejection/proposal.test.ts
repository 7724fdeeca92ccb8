import { describe, expect, it } from 'vitest';
import { enumerateTraces, properWeightingLaws } from '../../../testing/src/index.ts';
import { ratioBound } from '../../src/index.ts';
import { target } from '../bind/support.ts';
import { gamma, TOY, weightedRunOf } from '../support/toy.ts';
import { listed, moved, trainerOf } from '../variational/support.ts';

const POSTERIORS = ['prior * exp(count("b"))', 'prior | not contains("bb")'];

async function setting(posterior: string) {
  const t = await target(`${TOY}posterior = ${posterior}`);
  const { policy } = await trainerOf('gdc', t);
  await moved(policy);
  return { t, proposal: (await policy.frozen())[0] };
}

describe('rejection from a trained policy', () => {
  it.each(POSTERIORS)('has the largest weight there is for its bound: %s', async (posterior) => {
    const { t, proposal } = await setting(posterior);
    const { batch, logGamma } = await listed(t);
    const logQ = await proposal.logProb(batch);
    const largest = logGamma.reduce((m, g, i) => (g === -Infinity ? m : Math.max(m, g - logQ[i])), -Infinity);
    expect(ratioBound(t, proposal)).toBeCloseTo(largest, 8);
    expect(ratioBound(t, proposal)).toBeGreaterThanOrEqual(largest);
  });

  it.each(POSTERIORS)('is properly weighted on every path: %s', async (posterior) => {
    const { t, proposal } = await setting(posterior);
    const request = { draws: 2, budget: 3, proposal };
    const traces = await enumerateTraces((c) => weightedRunOf('rejection', t, { batch: 3 }, request, c));
    for (const law of properWeightingLaws(traces, await gamma(t))) {
      expect(law, JSON.stringify(law)).toMatchObject({ holds: true });
    }
  });
});
