import { pooledCells, type Cells } from './cells.ts';
import { gateResult, type GateOptions, type GateResult } from './gate.ts';
import { binomialLower, binomialUpper, chiSquareTail } from './special.ts';

export interface FitOptions extends GateOptions {
  /** Cells are pooled until each expects this many; default 5. */
  readonly minimumExpected?: number;
}

type Counts = ReadonlyMap<string, number>;

function pearson({ observed, expected }: Cells): number {
  return observed.reduce((sum, o, i) => sum + (o - expected[i]) ** 2 / expected[i], 0);
}

function likelihoodRatio({ observed, expected }: Cells): number {
  return 2 * observed.reduce((sum, o, i) => (o > 0 ? sum + o * Math.log(o / expected[i]) : sum), 0);
}

function asymptotic(gate: string, statistic: (cells: Cells) => number) {
  return (counts: Counts, probabilities: Counts, options: FitOptions = {}): GateResult => {
    const cells = pooledCells(counts, probabilities, options.minimumExpected ?? 5);
    if (cells.impossible > 0)
      return gateResult(gate, Infinity, 0, options, `${cells.impossible} draws where the probability is zero`);
    const value = Math.max(0, statistic(cells));
    const degrees = cells.observed.length - 1;
    const p = chiSquareTail(value, degrees);
    return gateResult(gate, value, p, options, `${value.toFixed(3)} on ${degrees} degrees, n = ${cells.total}`);
  };
}

/**
 * Pearson's chi-square test of counts against exact probabilities, small cells pooled. The false-alarm rate is that of
 * the limit. Simulated with cells that expect 5, the true rate was up to 1.5 times the stated 1e-3 and 4.5 times the
 * stated 1e-5 (`oracle/calibration.py`): for such rates use `multinomialGate`, whose rate is a bound.
 */
export const chiSquareGate = asymptotic('chi-square', pearson);

/** The same with the likelihood-ratio statistic G = 2 Σ o log(o/e); up to 1.7 times at 1e-3. */
export const gTestGate = asymptotic('G-test', likelihoodRatio);

/**
 * P(n · KL(p̂ ‖ p) ≥ g/2) ≤ (e g / (2 d))^d · exp(−g/2) for d = cells − 1 and g/2 > d (Agrawal 2020, "Finite-sample
 * concentration of the multinomial in relative entropy", theorem I.2); holds for every n.
 */
function relativeEntropyBound(g: number, degrees: number): number {
  const t = g / 2;
  if (degrees === 0) return 1;
  return t <= degrees ? 1 : Math.exp(degrees * (1 + Math.log(t / degrees)) - t);
}

/** Both tails of a count under the binomial law, the smaller one doubled. */
export function binomialTwoSided(successes: number, trials: number, p: number): number {
  const tail = Math.min(binomialLower(successes, trials, p), binomialUpper(successes, trials, p));
  return Math.min(1, 2 * tail);
}

/**
 * A goodness-of-fit gate whose false-alarm rate is a proved bound at every sample size: half of the rate goes to the
 * bound on the relative entropy of all cells together, half to exact binomial tests of the cells one by one
 * (Bonferroni). Use it where the rate is small; it has less power than the chi-square test.
 */
export function multinomialGate(counts: Counts, probabilities: Counts, options: FitOptions = {}): GateResult {
  const gate = 'multinomial';
  const cells = pooledCells(counts, probabilities, options.minimumExpected ?? 5);
  if (cells.impossible > 0)
    return gateResult(gate, Infinity, 0, options, `${cells.impossible} draws where the probability is zero`);
  const g = Math.max(0, likelihoodRatio(cells));
  const k = cells.observed.length;
  const whole = relativeEntropyBound(g, k - 1);
  const single = cells.observed.map((o, i) =>
    binomialTwoSided(o, cells.total, Math.min(1, cells.expected[i] / cells.total)),
  );
  const p = Math.min(1, 2 * Math.min(whole, k * Math.min(...single)));
  return gateResult(gate, g, p, options, `G = ${g.toFixed(3)} over ${k} cells, n = ${cells.total}`);
}
