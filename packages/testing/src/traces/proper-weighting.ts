import type { Approximation, Draw } from '@postulate/inference';
import { close, lawBook, type LawReport } from '../laws/report.ts';
import { expectation, totalMass, type Trace } from './enumerate.ts';

/** A run's estimate of Z and its weighted particles, such that E[Σ exp(logWeight) · 1{key = s}] should be γ(s). */
export interface WeightedResult {
  readonly logZ: number;
  readonly particles: readonly { readonly key: string; readonly logWeight: number }[];
}

/**
 * An approximation as properly weighted particles: the normalised weight of each draw times Ẑ. Draws without weights
 * (all log-weights 0) count Ẑ / n each. `key` names the sequence a draw is, its kind of end included.
 */
export function weightedResult(approximation: Approximation, key: (draw: Draw) => string): WeightedResult {
  const { draws } = approximation;
  const logZ = approximation.logZ?.value ?? -Infinity;
  const top = draws.reduce((m, d) => Math.max(m, d.logWeight), -Infinity);
  const logTotal = top + Math.log(draws.reduce((sum, d) => sum + Math.exp(d.logWeight - top), 0));
  return {
    logZ,
    particles: draws.map((d) => ({
      key: key(d),
      logWeight: d.logWeight === -Infinity ? -Infinity : d.logWeight - logTotal + logZ,
    })),
  };
}

function massOf(result: WeightedResult, key: string): number {
  return result.particles.reduce((sum, p) => (p.key === key ? sum + Math.exp(p.logWeight) : sum), 0);
}

/**
 * Three laws over all paths of an engine, against the exact γ by key: the paths have mass 1, E[Ẑ] = Z, and
 * E[w · 1{x = s}] = γ(s) for every s, those outside γ's support included (Naesseth, Lindsten & Schön 2019, §4.3: what
 * makes a weighted sample proper). `tolerance` is absolute below 1 and relative above.
 */
export function properWeightingLaws(
  traces: readonly Trace<WeightedResult>[],
  gamma: ReadonlyMap<string, number>,
  tolerance = 1e-12,
): LawReport[] {
  const mass = lawBook('path mass is 1');
  const found = totalMass(traces);
  mass.check(close(found, 1, tolerance), () => `mass ${found}`);

  const unbiased = lawBook('E[Zhat] = Z');
  const z = [...gamma.values()].reduce((a, b) => a + b, 0);
  const meanZ = expectation(traces, (r) => Math.exp(r.logZ));
  unbiased.check(close(meanZ, z, tolerance), () => `E[Zhat] = ${meanZ}, Z = ${z}`);

  const weighting = lawBook('E[w 1{x = s}] = gamma(s)');
  const keys = new Set(gamma.keys());
  for (const { value } of traces) for (const p of value.particles) keys.add(p.key);
  for (const key of keys) {
    const mean = expectation(traces, (r) => massOf(r, key));
    const exact = gamma.get(key) ?? 0;
    weighting.check(close(mean, exact, tolerance), () => `at "${key}": E[w] = ${mean}, gamma = ${exact}`);
  }
  return [mass.report(), unbiased.report(), weighting.report()];
}
