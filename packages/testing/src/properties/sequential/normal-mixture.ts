import type { Interval, Weighted } from './betting.ts';

/** Fewest draws, and fewest effective ones, before the normal approximation is looked at. */
const FEWEST = 1000;
const FEWEST_EFFECTIVE = 100;
/** Draws thought of at each end of the range, so that draws which all agree leave the doubt that their number leaves. */
const AT_THE_ENDS = 4;
const ANYWHERE: Interval = { low: -Infinity, high: Infinity };

/**
 * A confidence sequence for a mean of any values, or a ratio of means, by the normal mixture boundary with estimated
 * variance (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2021, "Time-uniform central limit theory"): its error rate is
 * `alpha` in the limit of many draws, not at each number of them. ρ is set for `horizon` draws. Values lie in `range`; no
 * variance is believed that is below what a few draws at its finite ends would make.
 */
export function normalInterval(
  { values, weights, size }: Weighted,
  alpha: number,
  horizon: number,
  range: Interval = ANYWHERE,
): Interval {
  let [total, squares, sum] = [0, 0, 0];
  for (let i = 0; i < size; i++) {
    const w = weights?.[i] ?? 1;
    total += w;
    squares += w * w;
    sum += w === 0 ? 0 : w * values[i];
  }
  if (size < FEWEST || !(total > 0) || (total * total) / squares < FEWEST_EFFECTIVE) return ANYWHERE;
  const mean = sum / total;
  if (!Number.isFinite(mean)) return ANYWHERE;
  let variance = 0;
  for (let i = 0; i < size; i++) {
    const w = weights?.[i] ?? 1;
    if (w > 0) variance += (w * (values[i] - mean)) ** 2;
  }
  const ends = [range.low, range.high].filter((end) => Number.isFinite(end));
  const least = ends.reduce((v, end) => v + AT_THE_ENDS * ((total / size) * (end - mean)) ** 2, 0);
  const deviation = (Math.sqrt(Math.max(variance, least) / size) * size) / total;
  const half = deviation * boundary(size, alpha, horizon);
  return { low: mean - half, high: mean + half };
}

/** Half-width of the normal mixture boundary after n draws of variance 1. */
export function boundary(n: number, alpha: number, horizon: number): number {
  const a = -2 * Math.log(alpha);
  const rho2 = (a + Math.log(a) + 1) / horizon;
  const v = n * rho2;
  return Math.sqrt(((2 * (v + 1)) / (n * v)) * Math.log(Math.sqrt(v + 1) / alpha));
}
