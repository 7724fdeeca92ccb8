import type { BoundFunction, Estimate } from '../port/index.ts';
import { shareStandardError } from './named.ts';
import { weightedEstimate } from './snis.ts';

/** Self-normalised mean of a named function over texts of normalised `weights`, of effective sample size `ess`. */
export function weightedNamed(
  f: BoundFunction,
  weights: Float64Array,
  values: ArrayLike<number>,
  ess: number,
): Estimate {
  const e = weightedEstimate(weights, values instanceof Float64Array ? values : Float64Array.from(values));
  if (f.kind !== 'event') return e;
  // A share that was seen always or never is exactly 1 or 0, but not thereby certain.
  let sure: number | undefined;
  for (let i = 0; i < values.length; i++) {
    if (!(weights[i] > 0)) continue;
    sure ??= values[i];
    if (values[i] !== sure) return e;
  }
  return sure === undefined ? e : { value: sure, standardError: shareStandardError(sure, ess) };
}
