import fc from 'fast-check';
import { denseLog, nextContext, packSequences, probability, tableModel } from '@postulate/models';
import { describe, expect, it } from 'vitest';
import { backoffTables, modelLaws } from '../../../testing/src/index.ts';
import { seededChooser, surrogateTable } from '../../src/index.ts';

describe('a table fitted on draws', () => {
  it('gives every token and the end a probability after every context, and those add up to one', async () => {
    const cases = fc.record({
      texts: fc.array(fc.array(fc.nat(3), { maxLength: 5 }), { maxLength: 8 }),
      order: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ texts, order }) => {
        const batch = packSequences(texts, texts.map((t) => t.length < 5)); // prettier-ignore
        const table = surrogateTable(batch, 4, order);
        const row = new Float64Array(5);
        for (let h = 0; h < table.contexts; h++) {
          denseLog(table, h, row);
          expect(row.every((l) => l > -Infinity)).toBe(true);
          expect(row.reduce((s, l) => s + Math.exp(l), 0)).toBeCloseTo(1, 12);
          for (let w = 0; w < 4; w++) expect(nextContext(table, h, w)).toBeGreaterThanOrEqual(0);
        }
        const vocabulary = { size: 4, tokens: ['a', 'b', 'c', 'd'], separator: '' };
        for (const law of await modelLaws(tableModel({ id: 's', vocabulary, maxTokens: 5, table }), { texts: 20 }))
          expect(law).toMatchObject({ holds: true });
      }),
      { seed: 12, numRuns: 60 },
    );
  });

  it('interpolates by absolute discounting', () => {
    // "ab" twice and "aa" once, ended: after "a" came b, b, a and the end; at the start came a three times.
    const table = surrogateTable(packSequences([[0, 1], [0, 1], [0, 0]], [true, true, true]), 2, 2); // prettier-ignore
    const [a, b, end] = [0, 1, 2];
    // a four times, b twice, the end three times.
    const root = (count: number): number => (count - 0.75) / 9 + ((0.75 * 3) / 9) * (1 / 3);
    const start = table.start;
    expect(probability(table, start, a)).toBeCloseTo((3 - 0.75) / 3 + (0.75 / 3) * root(4), 14);
    expect(probability(table, start, end)).toBeCloseTo((0.75 / 3) * root(3), 14);
    const afterA = nextContext(table, start, a);
    const left = (0.75 * 3) / 4;
    expect(probability(table, afterA, b)).toBeCloseTo((2 - 0.75) / 4 + left * root(2), 14);
    expect(probability(table, afterA, end)).toBeCloseTo((1 - 0.75) / 4 + left * root(3), 14);
    expect(nextContext(table, afterA, a)).toBe(afterA);
  });

  it('comes near the chain that it was drawn from', async () => {
    const [prior] = fc.sample(backoffTables({ maxVocabulary: 3, maxTokens: 5 }), { seed: 8, numRuns: 1 });
    const model = tableModel({ id: 'chain', ...prior });
    const draws = model.sample(50_000, seededChooser('draws')) as Parameters<typeof surrogateTable>[0];
    const found = tableModel({ id: 'found', ...prior, table: surrogateTable(draws, prior.vocabulary.size, 2) });
    const [p, q] = [model.logProb(draws) as Float64Array, found.logProb(draws) as Float64Array];
    const kl = p.reduce((s, l, i) => s + l - q[i], 0) / p.length;
    expect(Math.abs(kl)).toBeLessThan(0.005);
  });
});
