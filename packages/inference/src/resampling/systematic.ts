import type { Chooser } from '@postulate/models';

/**
 * Systematic resampling (Carpenter, Clifford & Fearnhead 1999): `count` indices, index i about count · Wᵢ times, from one
 * uniform offset. What the offset can lead to is a finite number of outcomes, so the choice is made among those.
 */
export function systematicResample(weights: Float64Array, count: number, chooser: Chooser): Int32Array {
  const cumulative = new Float64Array(weights.length);
  let sum = 0;
  weights.forEach((w, i) => (cumulative[i] = sum += w));
  const scaled = cumulative.map((c) => (c / sum) * count);
  const fractions = [...scaled].map((c) => c - Math.floor(c)).filter((f) => f > 0 && f < 1);
  const cuts = [0, ...new Set(fractions.sort((a, b) => a - b)), 1];
  const lengths = cuts.slice(1).map((c, i) => Math.log(c - cuts[i]));
  const cell = chooser.choose(lengths);
  const offset = (cuts[cell] + cuts[cell + 1]) / 2;
  const picked = new Int32Array(count);
  let at = 0;
  const last = weights.findLastIndex((w) => w > 0);
  for (let k = 0; k < count; k++) {
    while (at < last && scaled[at] <= k + offset) at++;
    picked[k] = at;
  }
  return picked;
}

/** A uniformly random order, by exchanging from the end (Durstenfeld 1964). */
export function shuffle(items: Int32Array, chooser: Chooser): Int32Array {
  const out = items.slice();
  for (let i = out.length - 1; i > 0; i--) {
    const j = chooser.uniform ? Math.floor(chooser.uniform() * (i + 1)) : chooser.choose(new Float64Array(i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}
