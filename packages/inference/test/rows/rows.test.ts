import { describe, expect, it } from 'vitest';
import type { BackoffTable } from '@postulate/models';
import { seededChooser } from '../../src/chooser/index.ts';
import { openRows, rowSampler } from '../../src/rows/index.ts';
import { denseTable } from '../../src/bind/model-machine.ts';
import { fixture } from '../bind/support.ts';

/** Four words and the end; context 1 stores two of them, context 2 all, each backing off to context 0. */
const TABLE: BackoffTable = {
  vocabularySize: 4,
  contexts: 3,
  start: 1,
  rowStart: Int32Array.from([0, 5, 7, 12]),
  words: Int32Array.from([0, 1, 2, 3, 4, 1, 4, 0, 1, 2, 3, 4]),
  probs: Float64Array.from([0.1, 0.2, 0.3, 0.15, 0.25, 0.5, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2]),
  targets: Int32Array.from([0, 1, 2, 0, -1, 2, -1, 1, 2, 0, 1, -1]),
  backoff: Float64Array.from([0, 0.3 / 0.55, 0.1]),
  parent: Int32Array.from([-1, 0, 0]),
  norm: undefined,
  interpolated: false,
};

describe('rows of a table', () => {
  it('spell out the law that is looked up word by word', () => {
    const rows = rowSampler(TABLE);
    const dense = denseTable(TABLE)!;
    for (let h = 0; h < TABLE.contexts; h++) {
      const row = rows.logRow(h);
      for (let w = 0; w <= 4; w++) {
        expect(row[w]).toBeCloseTo(dense.logProbs[h * 5 + w], 12);
        expect(Math.exp(row[w])).toBeCloseTo(rows.probability(h, w), 12);
      }
      expect(row.reduce((s, l) => s + Math.exp(l), 0)).toBeCloseTo(1, 12);
    }
  });

  it.each([0, 1, 2])('are drawn from without a row over the vocabulary: context %i', (h) => {
    const rows = rowSampler(TABLE);
    const { uniform } = seededChooser(`rows ${h}`);
    const counts = new Int32Array(5);
    const runs = 40_000;
    for (let i = 0; i < runs; i++) counts[rows.draw(h, uniform!, () => true)]++;
    // 5.7 standard deviations each: false alarm below 1e-6 in all.
    counts.forEach((n, w) => {
      const p = rows.probability(h, w);
      expect(Math.abs(n / runs - p)).toBeLessThan(5.7 * Math.sqrt((p * (1 - p)) / runs));
    });
  });

  it('follow a decoding session through advances and reorderings', async () => {
    const { prior } = await fixture('markov6', 'B');
    const { table: _, ...decoded } = prior;
    const [a, b] = [openRows(prior, 3), openRows(decoded, 3)];
    const [x, y] = [new Float64Array(7), new Float64Array(7)];
    for (const tokens of [
      [0, 2, 4],
      [1, 1, 3],
      [5, 0, 2],
    ]) {
      for (const rows of [a, b]) {
        await rows.advance(Int32Array.from(tokens));
        rows.reorder(Int32Array.from([2, 0, 0]));
      }
      for (let i = 0; i < 3; i++) {
        a.fill(i, x);
        b.fill(i, y);
        x.forEach((l, w) => {
          expect(Math.exp(l)).toBeCloseTo(Math.exp(y[w]), 12);
          expect(a.logProb(i, w)).toBe(l);
        });
      }
    }
  });
});
