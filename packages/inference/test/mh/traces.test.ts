import { describe, expect, it } from 'vitest';
import { PostError } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { enumerateTraces, totalMass } from '../../../testing/src/index.ts';
import { mhEngine } from '../../src/engines/mh/index.ts';
import type { MhOptions } from '../../src/engines/mh/state.ts';
import type { Target } from '../../src/index.ts';
import { target } from '../bind/support.ts';
import { independenceKernel, mixed, suffixKernel } from './formula.ts';
import { asSession } from '../support/decoded.ts';
import { key, TOY } from '../support/toy.ts';
import { begun, posterior, texts, times } from './support.ts';

/** The texts that a whole run hands out on one path of choices; none where no chain has a start. */
async function once(t: Target, options: Partial<MhOptions>, draws: number, chooser: Chooser): Promise<string[]> {
  const s = await begun(t, options, { draws }, chooser);
  try {
    while (!(await mhEngine.step(s, chooser)).done);
    return (await mhEngine.finish(s)).draws.map(key);
  } catch (error) {
    if (error instanceof PostError && error.code === 'P604') return [];
    throw error;
  }
}

/** Warm-up, thinning, segments of different lengths and starts that die are all among them. */
const PLANS: readonly (readonly [number, Partial<MhOptions>, string, number])[] = [
  [1, { independence: 1, warmup: 0, thin: 1, steps: 2 }, 'prior * exp(count("b"))', 2],
  [1, { independence: 0, warmup: 0, thin: 1, steps: 2, batch: 1 }, 'prior * exp(count("b"))', 2],
  [1, { independence: 0.3, warmup: 1, thin: 1, steps: 1 }, 'prior * exp(count("b"))', 1],
  [1, { independence: 0, warmup: 0, thin: 2, steps: 2 }, 'prior * exp(-length)', 1],
  [1, { independence: 1, warmup: 1, thin: 1, steps: 1, starts: 3 }, 'prior | contains("bb")', 1],
  [1, { independence: 0, warmup: 0, thin: 1, steps: 2, starts: 2 }, 'prior * exp(length) | contains("b")', 2],
  [2, { independence: 0, warmup: 0, thin: 1, steps: 1 }, 'prior * exp(count("b"))', 2],
  [2, { independence: 1, warmup: 0, thin: 1, steps: 1, batch: 1 }, 'prior * exp(3 * length)', 2],
];

describe('the draws of a short run', () => {
  it.each(PLANS.flatMap((plan) => [false, true].map((session) => [...plan, session] as const)))(
    '%i chains, %j: %s, %i draws, session %s',
    async (chains, options, p, draws, session) => {
      const table = await target(`${TOY}posterior = ${p}`);
      const t = session ? asSession(table) : table;
      const { support } = await posterior(t);
      const all = await texts(t);
      const traces = await enumerateTraces((chooser) => once(t, { chains, ...options }, draws, chooser), {
        maxTraces: 200_000,
      });
      expect(totalMass(traces)).toBeCloseTo(1, 12);
      const started = traces.filter((x) => x.value.length > 0);
      for (const x of started) expect(x.value).toHaveLength(draws);

      const alive = support.reduce((sum, x) => sum + x.prior, 0);
      const start = support.map((x) => x.prior / alive);
      const kernel = mixed(
        options.independence!,
        independenceKernel(
          support,
          support.map((x) => x.prior),
        ),
        suffixKernel(support, all),
      );
      const mass = totalMass(started);
      for (let d = 0; d < draws; d++) {
        const steps = options.warmup! + options.thin! * (Math.floor(d / chains) + 1);
        let law: readonly number[] = start;
        for (let k = 0; k < steps; k++) law = times(law, kernel);
        support.forEach((x, i) => {
          const found = totalMass(started.filter((r) => r.value[d] === x.key)) / mass;
          expect(Math.abs(found - law[i]), `draw ${d} is ${x.key}`).toBeLessThan(1e-12);
        });
      }
    },
  );

  it('finds starts as often as the texts that it tries allow', async () => {
    const t = await target(`${TOY}posterior = prior | contains("bb")`);
    const run = { chains: 1, independence: 1, warmup: 0, thin: 1, steps: 1, starts: 3 };
    const traces = await enumerateTraces((chooser) => once(t, run, 1, chooser));
    const alive = (await posterior(t)).support.reduce((sum, x) => sum + x.prior, 0);
    expect(totalMass(traces.filter((x) => x.value.length > 0))).toBeCloseTo(1 - (1 - alive) ** 3, 12);
  });
});
