import { describe, expect, it } from 'vitest';
import { enumerateTraces, expectation, totalMass } from '../../../testing/src/index.ts';
import { seededChooser } from '../../src/chooser/index.ts';
import { resamplerNamed, resamplingNames } from '../../src/resampling/index.ts';

const WEIGHTS = [
  [0.5, 0.2, 0.3],
  [0.25, 0.25, 0.25, 0.25],
  [0, 0.9, 0, 0.1],
  [1, 0, 0],
  [0.07, 0.43, 0.11, 0.39],
  [1 / 3, 1 / 3, 1 / 3],
  [0.4, 0.3, 0.2, 0.05, 0.05],
];
const COUNTS = [1, 2, 3, 4];

describe.each(resamplingNames)('%s resampling', (name) => {
  const resample = resamplerNamed(name);

  it.each(WEIGHTS.flatMap((w) => COUNTS.map((n) => [w, n] as const)))('%j to %i: every outcome', async (w, n) => {
    const weights = Float64Array.from(w);
    const traces = await enumerateTraces((chooser) => resample(weights, n, chooser));
    expect(totalMass(traces)).toBeCloseTo(1, 12);
    for (let i = 0; i < w.length; i++) {
      const share = expectation(traces, ({ picked, shares }) =>
        picked.reduce((sum, p, k) => sum + (p === i ? shares[k] : 0), 0),
      );
      expect(share).toBeCloseTo(w[i], 12);
      if (name === 'optimal') continue;
      const count = expectation(traces, ({ picked }) => picked.filter((p) => p === i).length);
      expect(count).toBeCloseTo(n * w[i], 12);
    }
    for (const { value } of traces) {
      expect(value.picked.length).toBe(name === 'optimal' ? Math.min(n, w.filter((x) => x > 0).length) : n);
      if (name === 'optimal') expect(new Set(value.picked).size).toBe(value.picked.length);
    }
  });

  it('draws by uniform numbers what it draws by enumeration', async () => {
    const weights = Float64Array.from([0.07, 0.43, 0.11, 0.39]);
    const traces = await enumerateTraces((chooser) => resample(weights, 3, chooser));
    const law = new Map<string, number>();
    const key = (picked: Int32Array): string => [...picked].join();
    for (const { value, logProbability } of traces)
      law.set(key(value.picked), (law.get(key(value.picked)) ?? 0) + Math.exp(logProbability));
    const runs = 20_000;
    const counts = new Map<string, number>();
    const chooser = seededChooser('schemes');
    for (let i = 0; i < runs; i++) {
      const k = key(resample(weights, 3, chooser).picked);
      counts.set(k, (counts.get(k) ?? 0) + 1);
    }
    // A correct scheme leaves any of these bands with probability below 1e-6 in all: 5.7 standard deviations each.
    for (const [k, p] of law) {
      const sd = Math.sqrt((p * (1 - p)) / runs);
      expect(Math.abs((counts.get(k) ?? 0) / runs - p)).toBeLessThan(5.7 * sd + 1e-9);
    }
    for (const k of counts.keys()) expect(law.has(k)).toBe(true);
  });
});
