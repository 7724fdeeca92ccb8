import { describe, expect, it } from 'vitest';
import { divergenceEstimate, DIVERGENCES, seededChooser } from '../../src/index.ts';

const P = [0.5, 0.3, 0.2, 0];
const Q = [0.2, 0.3, 0.4, 0.1];
const sum = (f: (p: number, q: number) => number): number => P.reduce((s, p, i) => s + f(p, Q[i]), 0);
const xlog = (x: number, y: number): number => (x === 0 ? 0 : x * Math.log(x / y));
const TRUTH = {
  tv: sum((p, q) => Math.abs(p - q) / 2),
  klForward: sum(xlog),
  js: sum((p, q) => (xlog(p, (p + q) / 2) + xlog(q, (p + q) / 2)) / 2),
};

/** Log weights 7 p/q of draws of q. */
function draws(n: number, seed: string, p = P): Float64Array {
  const chooser = seededChooser(seed);
  return Float64Array.from({ length: n }, () => {
    const i = chooser.choose(Q.map(Math.log));
    return Math.log((7 * p[i]) / Q[i]);
  });
}

describe('divergences from weights', () => {
  it.each(['tv', 'klForward', 'js'] as const)('%s is near, and as far off as its standard error says', (name) => {
    const runs = Array.from({ length: 400 }, (_, k) =>
      divergenceEstimate(draws(500, `${name} ${k}`), DIVERGENCES[name]),
    );
    const values = runs.map((r) => r.value);
    const mean = values.reduce((a, b) => a + b, 0) / runs.length;
    const sd = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / (runs.length - 1));
    // Six standard errors of the mean of 400 runs, and what a ratio of means is biased by: of order 1/500.
    expect(Math.abs(mean - TRUTH[name])).toBeLessThan((6 * sd) / 20 + 0.004);
    const stated = runs.reduce((s, r) => s + r.standardError!, 0) / runs.length;
    // The sd of 400 runs is known to 3.5%: six of those.
    expect(Math.abs(sd / stated - 1)).toBeLessThan(0.22);
  });

  it('knows KL(q ‖ p), infinite where weights are zero', () => {
    const p = [0.5, 0.3, 0.15, 0.05];
    const truth = Q.reduce((s, q, i) => s + q * Math.log(q / p[i]), 0);
    const e = divergenceEstimate(draws(20_000, 'reverse', p), DIVERGENCES.klReverse);
    expect(Math.abs(e.value - truth)).toBeLessThan(6 * e.standardError!);
    expect(divergenceEstimate(draws(500, 'dead'), DIVERGENCES.klReverse)).toEqual({
      value: Infinity,
      standardError: null,
    });
  });

  it('is 0 for constant weights', () => {
    for (const d of Object.values(DIVERGENCES)) {
      const e = divergenceEstimate(new Float64Array(9).fill(-700), d);
      expect(Math.abs(e.value)).toBeLessThan(1e-15);
      expect(e.standardError!).toBeLessThan(1e-15);
    }
  });
});
