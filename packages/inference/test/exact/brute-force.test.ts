import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logSumExp, machineValues, type Approximation } from '../../src/index.ts';
import { backoffTable, tokenMachine } from './arbitraries.ts';
import { solve } from './solve.ts';
import { bruteForce, factorOf, functionOf, modelOf, targetOf } from './toys.ts';

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
