import { log1mexp, logSumExp } from '../numeric/index.ts';

/** The law of the best of n independent draws of a listed prior; nats. */
export interface BestOfLaw {
  /** log π_n(x), given that not all n are dead; `-Infinity` for texts of weight zero. */
  readonly logLaw: Float64Array;
  /** P(all n draws have weight zero): then nothing is returned. */
  readonly allDead: number;
  /** E of the best log factor, given that not all n are dead. */
  readonly meanBest: number;
}

/** log(e^a − e^b) for a ≥ b. */
const logDifference = (a: number, b: number): number =>
  a === b ? -Infinity : b === -Infinity ? a : a + log1mexp(b - a);

/**
 * π_n(x) = [Fⁿ − F₋ⁿ] · prior(x) / P(r = r(x)) with F = P(r ≤ r(x)) and F₋ = P(r < r(x)) under the prior, ties broken
 * uniformly (`algorithms.md` 7). `logFactor` is r; texts of weight zero come below all others and are never returned, so
 * that the law is divided by 1 − P(dead)ⁿ. `logPrior` must sum to one.
 */
export function bestOfLaw(logPrior: Float64Array, logFactor: Float64Array, n: number): BestOfLaw {
  const order = Array.from(logFactor.keys()).sort((a, b) => logFactor[a] - logFactor[b]);
  const dead = order.filter((i) => logFactor[i] === -Infinity);
  let logBelow = logSumExp(dead.map((i) => logPrior[i]));
  const allDead = Math.exp(n * logBelow);
  const logAlive = log1mexp(Math.min(0, n * logBelow));
  const logLaw = new Float64Array(logPrior.length).fill(-Infinity);
  let meanBest = 0;
  for (let from = dead.length; from < order.length;) {
    let to = from;
    while (to < order.length && logFactor[order[to]] === logFactor[order[from]]) to++;
    const level = order.slice(from, to);
    const logLevel = logSumExp(level.map((i) => logPrior[i]));
    const logUpTo = to === order.length ? 0 : Math.min(0, logSumExp([logBelow, logLevel]));
    const logBest = logDifference(n * logUpTo, n * Math.min(logBelow, logUpTo)) - logAlive;
    for (const i of level) logLaw[i] = logBest + logPrior[i] - logLevel;
    if (logBest > -Infinity) meanBest += Math.exp(logBest) * logFactor[order[from]];
    logBelow = logUpTo;
    from = to;
  }
  return { logLaw, allDead, meanBest };
}
