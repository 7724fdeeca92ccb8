import { describe, expect, it } from 'vitest';
import type { TextFunction } from '@postulate/models';
import { bind, effectiveSampleSize, normaliseWeights, run, seededChooser, weightedEstimate } from '../../src/index.ts';
import { systematicResample } from '../../src/resampling/index.ts';
import { graphOf, models, PRIOR, target } from '../bind/support.ts';

describe('weights', () => {
  it('normalise, with their effective size and the error of a weighted mean', () => {
    const w = normaliseWeights(Float64Array.of(Math.log(1) + 900, Math.log(2) + 900, -Infinity, Math.log(5) + 900));
    [0.125, 0.25, 0, 0.625].forEach((x, i) => expect(w[i]).toBeCloseTo(x, 12));
    expect(effectiveSampleSize(w)).toBeCloseTo(1 / (0.125 ** 2 + 0.25 ** 2 + 0.625 ** 2), 10);
    const e = weightedEstimate(w, Float64Array.of(1, 2, NaN, 4));
    const mean = 0.125 + 0.5 + 2.5;
    expect(e.value).toBeCloseTo(mean, 12);
    const squares = 0.125 ** 2 * (1 - mean) ** 2 + 0.25 ** 2 * (2 - mean) ** 2 + 0.625 ** 2 * (4 - mean) ** 2;
    expect(e.standardError).toBeCloseTo(Math.sqrt((squares * 4) / 3), 12);
    expect([...normaliseWeights(Float64Array.of(-Infinity, -Infinity))]).toEqual([0, 0]);
  });

  it('resample systematically: each index the floor or the ceiling of its share, none of weight zero', () => {
    const w = Float64Array.of(0.05, 0, 0.45, 0.3, 0.2, 0);
    for (let s = 0; s < 200; s++) {
      const picked = systematicResample(w, 7, seededChooser(`systematic ${s}`));
      w.forEach((x, i) => {
        const n = picked.filter((p) => p === i).length;
        expect(n).toBeGreaterThanOrEqual(Math.floor(7 * x));
        expect(n).toBeLessThanOrEqual(Math.ceil(7 * x));
      });
    }
  });
});

describe('functions that answer later', () => {
  it('give what those that answer at once give', async () => {
    const graph = graphOf(
      `${PRIOR}r = if contains("b") then count("a") else 0.5\nposterior = prior * exp(r) * mean(exp(ensemble(r, length)))`,
    );
    const later = (f: TextFunction): TextFunction => ({
      ...f,
      values: (b) => Promise.resolve().then(() => f.values(b)),
    });
    const slow = {
      ...models,
      feature: async (...a: Parameters<typeof models.feature>) => later(await models.feature(...a)),
      test: async (...a: Parameters<typeof models.test>) => later(await models.test(...a)),
    };
    for (const engine of ['rejection', 'importance']) {
      const [now] = await bind(graph, undefined, models);
      const [soon] = await bind(graph, undefined, slow);
      expect(await run(soon, { engine, draws: 50 })).toEqual(await run(now, { engine, draws: 50 }));
    }
  });
});

describe('moments that cannot be fitted exactly', () => {
  const prior =
    'prior = bigram({ "^": { "a": 0.5, "b": 0.5 }, "a": { "a": 0.5, "b": 0.5 }, "b": { "a": 0.5, "b": 0.5 } }, max_tokens = 22, separator = " ")\n';

  it('are fitted on a pilot, with a warning that gives the error', async () => {
    const t = await target(`${prior}d = distinct(3)\nposterior = prior subject to { E(d) = 0.36 }`);
    const r = await run(t, { engine: 'importance', draws: 1000, seed: 'pilot' });
    expect(r.lambda).toHaveLength(1);
    expect(r.warnings[0].code).toBe('P606');
    expect(r.warnings[0].message).toMatch(/fitted on 20000 texts.*±/);
    const { value, standardError } = r.expectations['d']!;
    // Five standard errors of the run and as many for the multiplier: false alarm below 1e-6, fixed seed.
    expect(Math.abs(value - 0.36)).toBeLessThan(10 * standardError!);
    expect(r.diagnostics.modelCalls).toBeGreaterThan(20_000);
  });

  it('are said to be out of reach of the pilot, not of the posterior', async () => {
    const t = await target(`${prior}d = distinct(2)\nposterior = prior subject to { E(d) = 0.9 }`);
    await expect(run(t, { engine: 'importance' })).rejects.toThrow(/P405.*as far as 20000 texts of the prior show/);
  });
});
