import { tableModel, type LanguageModel } from '@postulate/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffTables, batchOf, modelLaws, texts, tokenMachines } from '../../src/index.ts';
import { toyModel } from './toy.ts';

const broken = async (model: LanguageModel) => (await modelLaws(model)).filter((r) => !r.holds).map((r) => r.law);

describe('modelLaws', () => {
  it('hold for random back-off tables', async () => {
    await fc.assert(
      fc.asyncProperty(backoffTables(), async (prior) => {
        const reports = await modelLaws(tableModel({ id: 'random', ...prior }), { texts: 20 });
        expect(reports.filter((r) => !r.holds || r.checked === 0)).toEqual([]);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('catch rows without mass 1 and draws that carry a wrong log-probability', async () => {
    const toy = toyModel();
    const table = { ...toy.table!, probs: toy.table!.probs.map((p, i) => (i === 4 ? p * 1.01 : p)) };
    const leaking = tableModel({ id: 'leaking', vocabulary: toy.vocabulary, maxTokens: 4, table });
    expect(await broken(leaking)).toContain('next-token rows have mass 1');
    expect(await broken(leaking)).toContain('all sequences have mass 1');
    const sample: LanguageModel['sample'] = async (n, c) => {
      const drawn = await toy.sample(n, c);
      return { ...drawn, logProbs: drawn.logProbs.map((l) => l + 1e-6) };
    };
    expect(await broken({ ...toy, sample })).toEqual(['draws carry their log-probability']);
    const logProb: LanguageModel['logProb'] = (s) => new Float64Array(s.size).fill(-1);
    expect(await broken({ ...toy, logProb })).toContain('logProb is the sum along the session');
  });
});

describe('arbitraries', () => {
  it('texts obey the forced stop', () => {
    const space = toyModel();
    fc.assert(
      fc.property(fc.array(texts(space)), (list) => {
        const batch = batchOf(space, list);
        for (let i = 0; i < batch.size; i++) {
          const length = batch.offsets[i + 1] - batch.offsets[i];
          expect(length).toBeLessThanOrEqual(4);
          expect(batch.finished[i]).toBe(length < 4 ? 1 : 0);
        }
      }),
      { seed: 1 },
    );
  });

  it('machines are well formed', () => {
    fc.assert(
      fc.property(
        tokenMachines(3),
        tokenMachines(2, { kind: 'event' }),
        tokenMachines(2, { kind: 'hard' }),
        (...machines) => {
          for (const m of machines) {
            expect(m.next).toHaveLength(m.states * m.classes);
            expect(Math.max(...m.next)).toBeLessThan(m.states);
            expect(Math.max(...m.classOf)).toBeLessThan(m.classes);
          }
          expect([0, 1]).toEqual(expect.arrayContaining([...machines[1].finalEnd]));
          expect([0, -Infinity]).toEqual(expect.arrayContaining([...machines[2].finalStop]));
        },
      ),
      { seed: 1 },
    );
  });
});
