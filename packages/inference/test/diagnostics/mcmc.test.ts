import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { bulkEss, chainStandardError, meanEss, rHat, tailEss } from '../../src/diagnostics/index.ts';
import { autocovariances } from '../../src/numeric/index.ts';

interface Case {
  readonly name: string;
  readonly seed: number;
  readonly chains: number;
  readonly length: number;
  readonly slope: number;
  readonly shift: number;
  readonly spread: number;
  readonly step: number;
  readonly stuck: number;
  readonly rHat: number;
  readonly bulkEss: number;
  readonly tailEss: number;
  readonly meanEss: number;
  readonly mcse: number;
}
const cases = JSON.parse(readFileSync(new URL('oracle/mcmc.json', import.meta.url), 'utf8')) as readonly Case[];

/** The generator of oracle/mcmc.py. */
function chainsOf({ seed, chains, length, slope, shift, spread, step, stuck }: Case): Float64Array[] {
  let state = BigInt(seed);
  return Array.from({ length: chains }, (_, c) => {
    let x = 0;
    const values = Float64Array.from({ length }, () => {
      state = (state * 1103515245n + 12345n) % 2147483648n;
      x = slope * x + (Number(state) + 0.5) / 2147483648 - 0.5;
      const y = x * (1 + spread * c) + shift * c;
      return step ? Math.floor(y * step) / step : y;
    });
    return c >= chains - stuck ? values.fill(values[0]) : values;
  });
}

describe('diagnostics of Markov chains', () => {
  it.each(cases)('agree with ArviZ: $name', (c) => {
    const chains = chainsOf(c);
    const close = (found: number | null, expected: number): void =>
      expect(Math.abs(found! - expected), `${found} against ${expected}`).toBeLessThan(1e-8 * Math.max(1, expected));
    close(rHat(chains), c.rHat);
    close(bulkEss(chains), c.bulkEss);
    close(tailEss(chains), c.tailEss);
    close(meanEss(chains), c.meanEss);
    close(chainStandardError(chains), c.mcse);
  });

  it('take a functional that never moved for no evidence', () => {
    const chains = [new Float64Array(100).fill(0.3), new Float64Array(100).fill(0.3)];
    for (const f of [rHat, bulkEss, tailEss, meanEss, chainStandardError]) expect(f(chains)).toBeNull();
  });

  it('see chains that are stuck at different values', () => {
    const chains = [0.1, 0.2, 0.3, 0.1].map((v) => new Float64Array(100).fill(v));
    expect(rHat(chains)).toBe(Infinity);
    // One effective value for each half of a chain.
    expect(bulkEss(chains)!).toBeLessThan(10);
  });

  it('see a chain that stops half way', () => {
    const chains = chainsOf({ ...cases[0], chains: 4, length: 400 });
    expect(rHat(chains)!).toBeLessThan(1.01);
    for (const c of chains) c.fill(c[200], 200);
    expect(rHat(chains)!).toBeGreaterThan(1.2);
  });

  it('see a drift that chains share, which only halves can tell', () => {
    const chains = chainsOf({ ...cases[0], chains: 4, length: 400 }).map((c) => c.map((v, i) => v + i / 400));
    expect(rHat(chains)!).toBeGreaterThan(1.2);
  });

  it('say nothing about too few values, one chain or values that are not finite', () => {
    const [chain] = chainsOf({ ...cases[0], chains: 1, length: 50 });
    expect(rHat([chain])).toBeNull();
    expect(bulkEss([chain])).not.toBeNull();
    expect(bulkEss([chain.subarray(0, 3), chain.subarray(3, 6)])).toBeNull();
    expect(rHat([chain, chain.map((v, i) => (i === 7 ? -Infinity : v))])).toBeNull();
    expect(rHat([])).toBeNull();
  });
});

describe('autocovariances', () => {
  it('are the sums they stand for', () => {
    const [x] = chainsOf({ ...cases[1], chains: 1, length: 37 });
    const mean = x.reduce((a, b) => a + b, 0) / x.length;
    autocovariances(x).forEach((c, lag) => {
      let sum = 0;
      for (let i = 0; i + lag < x.length; i++) sum += (x[i] - mean) * (x[i + lag] - mean);
      expect(c).toBeCloseTo(sum / x.length, 13);
    });
  });
});
