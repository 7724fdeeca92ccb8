import { normalDensity, normalQuantile } from '@postulate/graph';
import { betaCdf, betaQuantile } from './incomplete-beta.ts';
import type { RewardKind } from './kinds.ts';
import { LOG_VARIANCE, SMALLEST_SHAPE, softmaxOf, softplus } from './losses.ts';

/** The distribution of the utility of one text. */
export interface Belief {
  readonly mean: number;
  readonly sd: number;
  /** Smallest value not exceeded with probability q. */
  quantile(q: number): number;
  /**
   * Means of the `count` equally likely slices from the lowest to the highest: the same number of equally likely values, whose mean is
   * the distribution's own. What lies within a slice is lost, so that their spread is a little smaller.
   */
  atoms(count: number): Float64Array;
}

/** What a head's outputs at one text say, for the kinds that give a distribution. */
export function beliefOf(kind: RewardKind, outputs: ArrayLike<number>): Belief {
  switch (kind) {
    case 'gaussian': {
      const logVariance = Math.min(LOG_VARIANCE.hi, Math.max(LOG_VARIANCE.lo, outputs[1]));
      return normalBelief(outputs[0], Math.exp(0.5 * logVariance));
    }
    case 'dpl':
      return normalBelief(outputs[0], softplus(outputs[1]));
    case 'beta':
      return betaBelief(softplus(outputs[0]) + SMALLEST_SHAPE, softplus(outputs[1]) + SMALLEST_SHAPE);
    case 'categorical':
      return categoricalBelief(softmaxOf(outputs));
    case 'bt':
      return certainly(outputs[0]);
    case 'label':
      throw new TypeError('a classifier says nothing of utilities');
  }
}

function certainly(value: number): Belief {
  return { mean: value, sd: 0, quantile: () => value, atoms: (count) => new Float64Array(count).fill(value) };
}

export function normalBelief(mean: number, sd: number): Belief {
  const quantile = (q: number): number => mean + sd * normalQuantile(q);
  return {
    mean,
    sd,
    quantile,
    atoms(count) {
      const density = Float64Array.from({ length: count + 1 }, (_, i) =>
        i === 0 || i === count ? 0 : normalDensity(normalQuantile(i / count)),
      );
      return Float64Array.from({ length: count }, (_, i) => mean + sd * count * (density[i] - density[i + 1]));
    },
  };
}

export function betaBelief(a: number, b: number): Belief {
  const mean = a / (a + b);
  return {
    mean,
    sd: Math.sqrt((mean * (1 - mean)) / (a + b + 1)),
    quantile: (q) => betaQuantile(q, a, b),
    atoms(count) {
      // ∫ x dBeta(a, b) up to x is the mean times I_x(a + 1, b).
      const below = Float64Array.from({ length: count + 1 }, (_, i) =>
        i === 0 ? 0 : i === count ? 1 : betaCdf(betaQuantile(i / count, a, b), a + 1, b),
      );
      return Float64Array.from({ length: count }, (_, i) => mean * count * (below[i + 1] - below[i]));
    },
  };
}

/** Over atoms 0, 1/(n−1), …, 1. */
export function categoricalBelief(probabilities: Float64Array): Belief {
  const last = probabilities.length - 1;
  const mean = probabilities.reduce((sum, p, i) => sum + (p * i) / last, 0);
  const variance = probabilities.reduce((sum, p, i) => sum + p * (i / last - mean) ** 2, 0);
  return {
    mean,
    sd: Math.sqrt(variance),
    quantile(q) {
      let sum = 0;
      for (let i = 0; i < last; i++) if ((sum += probabilities[i]) >= q && sum > 0) return i / last;
      return 1;
    },
    atoms: (count) => slices(probabilities, count),
  };
}

/** Mean of each of `count` equal shares of the mass, walking the atoms from the lowest. */
function slices(probabilities: Float64Array, count: number): Float64Array {
  const last = probabilities.length - 1;
  const out = new Float64Array(count);
  let atom = 0;
  let left = probabilities[0];
  for (let k = 0; k < count; k++) {
    let need = 1 / count;
    while (need > 0) {
      const taken = atom === last ? need : Math.min(need, left);
      out[k] += (taken * count * atom) / last;
      need -= taken;
      left -= taken;
      if (need > 0 && atom < last) left = probabilities[++atom];
    }
  }
  return out;
}
