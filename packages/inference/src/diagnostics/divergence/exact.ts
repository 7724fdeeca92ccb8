import { logSumExp } from '../../numeric/index.ts';
import { DIVERGENCES, SHARES, type DivergenceName } from './generators.ts';

export type ExactDivergences = Readonly<Record<DivergenceName, number>>;

/** Mass of q that is missing from a list, below which it is rounding. */
const ROUNDING = 1e-9;

/**
 * Divergences between p ∝ exp(logP) and q ∝ exp(logQ) over a list of all texts of p; `Infinity` is a legal answer. Where
 * `normalised` (the default), logQ are log probabilities, and what they lack to 1 is mass of q outside the list. Nats.
 */
export function exactDivergences(logP: Float64Array, logQ: Float64Array, normalised = true): ExactDivergences {
  const logZp = logSumExp(logP);
  const logTotal = logSumExp(logQ);
  const logZq = normalised ? 0 : logTotal;
  const outside = normalised ? Math.max(0, -Math.expm1(logTotal)) : 0;
  const missing = outside < ROUNDING ? 0 : outside;
  // What lies outside the list has mass under q alone.
  const beyond: ExactDivergences = {
    klForward: 0,
    klReverse: missing > 0 ? Infinity : 0,
    tv: missing,
    js: (missing * Math.LN2) / 2,
    chi2: -1,
  };
  const sums = DIVERGENCES.map((name) => {
    let sum = beyond[name];
    for (let i = 0; i < logP.length; i++) sum += SHARES[name](logP[i] - logZp, logQ[i] - logZq).value;
    return [name, Math.max(0, sum)] as const;
  });
  return Object.fromEntries(sums) as ExactDivergences;
}
