import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { goodParetoK, paretoSmooth, tailSize } from '../../src/diagnostics/index.ts';

interface Case {
  readonly name: string;
  readonly seed: number;
  readonly size: number;
  readonly slope: number;
  readonly k: number;
  readonly topGaps: readonly number[];
}
const cases = JSON.parse(readFileSync(new URL('oracle/psis.json', import.meta.url), 'utf8')) as readonly Case[];

/** The generator of oracle/psis.py. */
function logWeights({ seed, size, slope }: Case): Float64Array {
  let state = BigInt(seed);
  return Float64Array.from({ length: size }, () => {
    state = (state * 1103515245n + 12345n) % 2147483648n;
    return -slope * Math.log((Number(state) + 0.5) / 2147483648);
  });
}

describe('Pareto smoothing', () => {
  it.each(cases)('agrees with arviz-stats on $name', (c) => {
    const raw = logWeights(c);
    const { k, logWeights: smoothed } = paretoSmooth(raw);
    expect(k).toBeCloseTo(c.k, 10);
    const order = Array.from(raw.keys()).sort((a, b) => raw[a] - raw[b]);
    order.slice(-5).forEach((i, j) => expect(smoothed[i] - smoothed[order[0]]).toBeCloseTo(c.topGaps[j], 8));
  });

  it('has nothing to fit where weights are constant, indicators or too few', () => {
    expect(paretoSmooth(new Float64Array(500)).k).toBeNull();
    expect(paretoSmooth(Float64Array.from({ length: 500 }, (_, i) => (i % 3 ? 0 : -Infinity))).k).toBeNull();
    expect(paretoSmooth(Float64Array.from({ length: 500 }, (_, i) => (i < 40 ? 0 : -Infinity))).k).toBeNull();
    expect(paretoSmooth(new Float64Array(500).fill(-Infinity)).k).toBeNull();
    expect(paretoSmooth(Float64Array.of(0, 1, 2)).k).toBeNull();
  });

  it('knows its thresholds', () => {
    expect(tailSize(100)).toBe(20);
    expect(tailSize(1000)).toBe(94);
    expect(goodParetoK(100)).toBe(0.5);
    expect(goodParetoK(1e6)).toBe(0.7);
  });
});
