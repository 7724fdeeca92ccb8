import type { Chooser } from '@postulate/models';

/** Offsets this close together lead to the same picks but for rounding. */
const ROUNDING = 1e-14;

/**
 * Systematic resampling (Carpenter, Clifford & Fearnhead 1999): `count` indices, index i about count · Wᵢ times, from one
 * uniform offset. What the offset can lead to is a finite number of outcomes, so the choice is made among those.
 */
export function systematicResample(weights: Float64Array, count: number, chooser: Chooser): Int32Array {
  const scaled = new Float64Array(weights.length);
  let sum = 0;
  let last = -1;
  for (let i = 0; i < weights.length; i++) {
    scaled[i] = sum += weights[i];
    if (weights[i] > 0) last = i;
  }
  for (let i = 0; i < scaled.length; i++) scaled[i] = (scaled[i] / sum) * count;
  const offset = offsetOf(scaled, chooser);
  const picked = new Int32Array(count);
  let at = 0;
  for (let k = 0; k < count; k++) {
    while (at < last && scaled[at] <= k + offset) at++;
    picked[k] = at;
  }
  return picked;
}

/** A uniform offset; where paths are enumerated, the middle of one of the cells in which all offsets do the same. */
function offsetOf(scaled: Float64Array, chooser: Chooser): number {
  if (chooser.uniform) return chooser.uniform();
  const fractions = scaled.map((c) => c - Math.floor(c)).sort();
  const cuts = [0];
  for (const f of fractions) if (f - cuts[cuts.length - 1] > ROUNDING && 1 - f > ROUNDING) cuts.push(f);
  cuts.push(1);
  const lengths = cuts.slice(1).map((c, i) => Math.log(c - cuts[i]));
  const cell = chooser.choose(lengths);
  return (cuts[cell] + cuts[cell + 1]) / 2;
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
