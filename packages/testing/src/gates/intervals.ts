import { gateResult, type GateOptions, type GateResult } from './gate.ts';
import { binomialTwoSided } from './goodness-of-fit.ts';
import { binomialLower, binomialUpper, normalQuantile, normalTail, studentTwoSided } from './special.ts';

export interface BinomialOptions extends GateOptions {
  /** `less` refuses too few successes, `greater` too many, `both` (the default) either. */
  readonly side?: 'both' | 'less' | 'greater';
}

/** Exact binomial test; the rate is a bound (a discrete count reaches it only at some values). */
export function binomialGate(successes: number, trials: number, p: number, options: BinomialOptions = {}): GateResult {
  const side = options.side ?? 'both';
  const pValue =
    side === 'both'
      ? binomialTwoSided(successes, trials, p)
      : side === 'less'
        ? binomialLower(successes, trials, p)
        : binomialUpper(successes, trials, p);
  return gateResult('binomial', successes, pValue, options, `${successes} of ${trials} at ${p.toPrecision(6)}`);
}

/** An estimate with its standard error against the truth, as a normal variable: approximate for a sum of many terms. */
export function zGate(estimate: number, standardError: number, truth: number, options: GateOptions = {}): GateResult {
  const error = estimate - truth;
  const z = error === 0 ? 0 : error / standardError;
  const pValue = Math.min(1, 2 * normalTail(Math.abs(z)));
  return gateResult('z', z, pValue, options, `${estimate} ± ${standardError} against ${truth}, z = ${z.toFixed(3)}`);
}

/** The mean of independent values against the truth by Student's t; exact for normal values. Needs two values. */
export function meanGate(values: ArrayLike<number>, truth: number, options: GateOptions = {}): GateResult {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i] / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i] - mean) ** 2;
  const standardError = Math.sqrt(squares / (n - 1) / n);
  const t = mean === truth ? 0 : (mean - truth) / standardError;
  const pValue = studentTwoSided(Math.abs(t), n - 1);
  return gateResult('mean', t, pValue, options, `${mean} ± ${standardError} against ${truth}, n = ${n}`);
}

export interface CoverageOptions extends GateOptions {
  /** Least coverage that is acceptable; default 0.93 for intervals that state 0.95. */
  readonly atLeast?: number;
}

/** Refuses when intervals cover the truth less than `atLeast` of the time (exact one-sided binomial; a bound). */
export function coverageGate(covered: number, runs: number, options: CoverageOptions = {}): GateResult {
  const atLeast = options.atLeast ?? 0.93;
  const pValue = binomialLower(covered, runs, atLeast);
  const rate = (covered / runs).toFixed(4);
  return gateResult(
    'coverage',
    covered / runs,
    pValue,
    options,
    `covered ${rate} of ${runs} runs, at least ${atLeast}`,
  );
}

/** Does a two-sided normal interval of this level, default 0.95, hold the truth? */
export function covers(estimate: number, standardError: number, truth: number, level = 0.95): boolean {
  return Math.abs(estimate - truth) <= normalQuantile((1 - level) / 2) * standardError;
}

/** Wilson's score interval for a proportion (Wilson 1927). */
export function wilsonInterval(successes: number, trials: number, level = 0.95): readonly [number, number] {
  const z = normalQuantile((1 - level) / 2);
  const p = successes / trials;
  const centre = (p + (z * z) / (2 * trials)) / (1 + (z * z) / trials);
  const half = (z / (1 + (z * z) / trials)) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
