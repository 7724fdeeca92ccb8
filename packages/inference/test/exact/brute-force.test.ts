import type { BackoffTable, TokenMachine } from '@postulate/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logSumExp, machineValues, type Approximation } from '../../src/index.ts';
import { backoffTable, tokenMachine } from './arbitraries.ts';
import { solve } from './solve.ts';
import { bruteForce, containsOf, factorOf, functionOf, indicatorOf, modelOf, targetOf } from './toys.ts';

const TOKENS = ['a', 'b', 'c'];
const SEED = { seed: 20_261, numRuns: 150 };

const close = (found: number, expected: number): boolean =>
  found === expected || Math.abs(found - expected) <= 1e-9 * Math.max(1, Math.abs(expected));

function agree(found: Approximation, expected: Record<string, number>): void {
  const values: Record<string, number> = {
    logZ: found.logZ!.value,
    entropy: found.entropy!.value,
    kl: found.klToPrior!.value,
    ...Object.fromEntries(Object.entries(found.expectations).map(([k, v]) => [k, v!.value])),
  };
  for (const [name, value] of Object.entries(expected)) {
    if (!close(values[name], value)) throw new Error(`${name}: found ${values[name]}, expected ${value}`);
  }
}

describe('dynamic programming against summing every sequence', () => {
  for (const interpolated of [true, false]) {
    it(`agrees on random ${interpolated ? 'interpolated' : 'ARPA-like'} tables and machines`, async () => {
      let empty = 0;
      const cases = fc.record({
        table: backoffTable(3, interpolated),
        weights: fc.array(tokenMachine(3, true), { minLength: 1, maxLength: 2 }),
        functions: fc.array(tokenMachine(3, false), { maxLength: 3 }),
        maxTokens: fc.integer({ min: 1, max: 5 }),
      });
      await fc.assert(
        fc.asyncProperty(cases, async ({ table, weights, functions, maxTokens }) => {
          const model = modelOf(TOKENS, table, maxTokens);
          const { batch, logPrior } = bruteForce(model);
          const factors = weights.map((m) => machineValues(m, batch));
          const logFactor = logPrior.map((_, i) => factors.reduce((s, f) => s + f[i], 0));
          const logWeight = logPrior.map((l, i) => l + logFactor[i]);
          const logZ = logSumExp(logWeight);
          const target = targetOf(
            model,
            weights.map((m, i) => factorOf(`w${i}`, m)),
            functions.map((m, i) => functionOf(`f${i}`, m)),
          );
          if (logZ === -Infinity) {
            empty++;
            await expect(solve(target, { method: 'dp' })).rejects.toThrow('P403');
            return;
          }
          const mean = (values: ArrayLike<number>): number =>
            logWeight.reduce((s, l, i) => (l === -Infinity ? s : s + Math.exp(l - logZ) * values[i]), 0);
          const expected: Record<string, number> = {
            logZ,
            entropy: logZ - mean(logWeight),
            kl: mean(logFactor) - logZ,
          };
          functions.forEach((m, i) => (expected[`f${i}`] = mean(machineValues(m, batch))));
          agree(await solve(target, { method: 'dp' }), expected);
          agree(await solve(target, { method: 'enumerate' }), expected);
        }),
        SEED,
      );
      // The generator does reach empty posteriors, and not only those.
      expect(empty).toBeGreaterThan(0);
      expect(empty).toBeLessThan(SEED.numRuns / 2);
    });
  }
});

describe('differences that cancel', () => {
  /** The empty context gives "b" 0.7, the context "a" stores it with `p` instead: far below what it would inherit. */
  const tableWith = (p: number): BackoffTable => ({
    ...{ vocabularySize: 2, contexts: 2, start: 1, interpolated: false },
    rowStart: Int32Array.of(0, 3, 4),
    words: Int32Array.of(0, 1, 2, 1),
    probs: Float64Array.of(0.1, 0.7, 0.2, p),
    targets: Int32Array.of(1, 0, -1, 0),
    backoff: Float64Array.of(0, 0.37),
    parent: Int32Array.of(-1, 0),
    norm: Float64Array.of(1, 0.37 * (0.1 + 0.2) + p),
  });
  const hasB = indicatorOf('hasB', containsOf(['a', 'b'], 'b'));
  const norm = 0.37 * 0.3;

  it('are taken again as sums of what is positive', async () => {
    const found = await solve(targetOf(modelOf(['a', 'b'], tableWith(1e-20), 1), [hasB]), { method: 'dp' });
    expect(found.logZ!.value).toBeCloseTo(Math.log(1e-20 / norm), 9);
    expect(found.diagnostics.extra.recomputed).toBeGreaterThan(0);
  });

  it('do not make an impossible text possible', async () => {
    const target = targetOf(modelOf(['a', 'b'], tableWith(0), 3), [hasB]);
    await expect(solve(target, { method: 'dp' })).rejects.toThrow('P403');
  });
});

describe('the forward pass', () => {
  it('gives the derivatives of log Z', async () => {
    const cases = fc.record({
      table: backoffTable(3, false),
      weight: tokenMachine(3, false),
      tilt: tokenMachine(3, false),
      maxTokens: fc.integer({ min: 1, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ table, weight, tilt, maxTokens }) => {
        const step = 1e-4;
        const scaled = (k: number): TokenMachine => ({
          ...tilt,
          output: tilt.output?.map((o) => k * o),
          finalEnd: tilt.finalEnd.map((v) => k * v),
          finalStop: tilt.finalStop.map((v) => k * v),
        });
        const at = (k: number): Promise<Approximation> =>
          solve(
            targetOf(
              modelOf(TOKENS, table, maxTokens),
              [factorOf('w', weight), factorOf('t', scaled(k))],
              [functionOf('tilt', tilt)],
            ),
            { method: 'dp' },
          );
        const [low, here, high] = [await at(-step), await at(0), await at(step)];
        // Central differences of a function with bounded third derivative: error below 1e-5 here.
        const slope = (high.logZ!.value - low.logZ!.value) / (2 * step);
        expect(Math.abs(here.expectations.tilt!.value - slope)).toBeLessThan(1e-5);
        expect(here.diagnostics.extra.massError).toBeLessThan(1e-11);
      }),
      { seed: 3, numRuns: 60 },
    );
  });
});
