import type { BackoffTable, LanguageModel } from '@postulate/models';
import { describe, expect, it } from 'vitest';
import { exactEngine } from '../../src/index.ts';
import { solve } from './solve.ts';
import { chainTable, countOf, factorOf, functionOf, modelOf, raw, targetOf } from './toys.ts';

const AB = ['a', 'b'];
const CHAIN = { '^': { a: 0.5, b: 0.3, $: 0.2 }, a: { b: 0.7, $: 0.3 }, b: { a: 0.2, b: 0.5, $: 0.3 } };

/** The model of a table with everything hidden but decoding. */
function decodedOnly(table: BackoffTable, maxTokens: number): LanguageModel {
  const width = AB.length + 1;
  return {
    ...modelOf(AB, table, maxTokens),
    table: undefined,
    open(batch) {
      const contexts = new Int32Array(batch).fill(table.start);
      const logProbs = new Float64Array(batch * width);
      const fill = (): void =>
        contexts.forEach((h, i) => {
          for (let w = 0; w < width; w++) logProbs[i * width + w] = Math.log(raw(table, h, w).weight);
        });
      fill();
      return {
        logProbs,
        advance(tokens) {
          tokens.forEach((w, i) => (contexts[i] = raw(table, contexts[i], w).target));
          fill();
        },
        reorder: (ancestors) => contexts.set(ancestors.map((a) => contexts[a])),
      };
    },
  };
}

describe('a prior that can only be decoded', () => {
  const table = chainTable(AB, CHAIN);
  const nb = countOf(AB, 'b');
  const factors = [factorOf('exp(nb)', nb)];
  const named = [functionOf('nb', nb)];

  it('is listed where its sequences are few', async () => {
    const known = await solve(targetOf(modelOf(AB, table, 4), factors, named), { method: 'dp' });
    const listed = await solve(targetOf(decodedOnly(table, 4), factors, named));
    expect(listed.logZ!.value).toBeCloseTo(known.logZ!.value, 12);
    expect(listed.entropy!.value).toBeCloseTo(known.entropy!.value, 12);
    expect(listed.expectations.nb!.value).toBeCloseTo(known.expectations.nb!.value, 12);
    expect(listed.support!.map((s) => s.text).sort()).toEqual(known.support!.map((s) => s.text).sort());
  });

  it('is refused with the reason where they are many', async () => {
    const target = targetOf(decodedOnly(table, 200), factors, named);
    const fitness = exactEngine.fitness(target);
    expect(fitness).toMatchObject({ fits: false, diagnostic: { code: 'P600' } });
    await expect(solve(target)).rejects.toThrow(/P600.*not a finite-state model.*sequences to list/s);
  });
});
