import { logNormalCdf, logSigmoid, sigmoid } from '@postulate/graph';
import { logChoose, logRise, rise } from './gamma.ts';

/** A loss in nats at one example, and its derivative by each output of each text that it reads. */
export interface LossAt {
  readonly loss: number;
  readonly gradients: readonly Float64Array[];
}

type Row = ArrayLike<number>;

const at = (loss: number, ...gradients: readonly number[][]): LossAt => ({
  loss,
  gradients: gradients.map((g) => Float64Array.from(g)),
});

/** log(1 + eˣ), above 0 for every x, and its derivative. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * −log σ(r_w − r_l) + c (r_w + r_l)² (Bradley & Terry 1952). The pairs say nothing of a constant in r: with c > 0 it is drawn to 0.
 */
export function bradleyTerryLoss([w]: readonly number[], [l]: readonly number[], centring: number): LossAt {
  const d = w - l;
  const slope = -sigmoid(-d);
  const pull = 2 * centring * (w + l);
  return at(-logSigmoid(d) + centring * (w + l) ** 2, [slope + pull], [-slope + pull]);
}

/** −log softmax(logits)[label]. */
export function labelLoss(logits: Row, label: number): LossAt {
  const probabilities = softmaxOf(logits);
  const loss = -Math.log(Math.max(probabilities[label], Number.MIN_VALUE));
  return { loss, gradients: [probabilities.map((p, i) => p - (i === label ? 1 : 0))] };
}

export function softmaxOf(logits: Row): Float64Array {
  let max = -Infinity;
  for (let i = 0; i < logits.length; i++) max = Math.max(max, logits[i]);
  const weights = Float64Array.from(logits, (x) => Math.exp(x - max));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((x) => x / sum);
}

/** log s² is held within these: a text seen once could otherwise have a density without bound. */
export const LOG_VARIANCE = { lo: -10, hi: 10 } as const;

/** ½ log s² + (y − μ)² / (2 s²) with outputs μ and log s²; the constant ½ log 2π is left out. */
export function gaussianLoss([mean, raw]: readonly number[], rating: number): LossAt {
  const logVariance = Math.min(LOG_VARIANCE.hi, Math.max(LOG_VARIANCE.lo, raw));
  const precision = Math.exp(-logVariance);
  const square = (rating - mean) ** 2 * precision;
  return at(0.5 * logVariance + 0.5 * square, [
    (mean - rating) * precision,
    logVariance === raw ? 0.5 - 0.5 * square : 0,
  ]);
}

/**
 * −log Φ(z), z = (μ_w − μ_l) / √(s_w² + s_l²), with outputs μ and softplus⁻¹(s): a rater draws the utility of each text from a normal
 * distribution of its own (Siththaranjan et al. 2024; with Φ itself, not a logistic in its place).
 */
export function meanVarianceLoss(w: Row, l: Row): LossAt {
  const [sw, sl] = [softplus(w[1]), softplus(l[1])];
  const spread = Math.sqrt(sw * sw + sl * sl);
  const z = (w[0] - l[0]) / spread;
  const logCdf = logNormalCdf(z);
  // φ(z)/Φ(z), in logs: both are 0 in doubles far out.
  const hazard = Math.exp(-0.5 * z * z - 0.5 * Math.log(2 * Math.PI) - logCdf);
  const byMean = -hazard / spread;
  const bySpread = (s: number, raw: number): number => ((hazard * z * s) / (spread * spread)) * sigmoid(raw);
  return at(-logCdf, [byMean, bySpread(sw, w[1])], [-byMean, bySpread(sl, l[1])]);
}

/** a and b of a beta distribution from its outputs: softplus, and never so small that the distribution is two points. */
export const SMALLEST_SHAPE = 1e-3;

/** −log C(n,k) − log B(k + a, n − k + b) + log B(a, b) with outputs softplus⁻¹ of a and b (beta-binomial approvals). */
export function betaBinomialLoss(outputs: Row, approvals: number, of: number): LossAt {
  const [a, b] = [softplus(outputs[0]) + SMALLEST_SHAPE, softplus(outputs[1]) + SMALLEST_SHAPE];
  const against = of - approvals;
  const loss = logRise(a + b, of) - logRise(a, approvals) - logRise(b, against) - logChoose(of, approvals);
  const whole = rise(a + b, of);
  return at(loss, [
    (whole - rise(a, approvals)) * sigmoid(outputs[0]),
    (whole - rise(b, against)) * sigmoid(outputs[1]),
  ]);
}

/**
 * −log P − h (H_w + H_l), P = Σᵢⱼ p_w(i) p_l(j) (1[i > j] + ½ 1[i = j]) with p the softmax of the outputs over ordered atoms and H its
 * entropy, which keeps atoms that no pair needs from dying (Siththaranjan et al. 2024).
 */
export function categoricalLoss(w: Row, l: Row, entropyBonus: number): LossAt {
  const [p, q] = [softmaxOf(w), softmaxOf(l)];
  const below = wins(q);
  const above = wins(p, true);
  const win = p.reduce((sum, x, i) => sum + x * below[i], 0);
  const [h, g] = [entropyOf(p), entropyOf(q)];
  const pull = (own: Float64Array, chance: Float64Array, entropy: number): Float64Array =>
    own.map((x, i) => {
      const uncertain = x > 0 ? entropyBonus * x * (Math.log(x) + entropy) : 0;
      return (-x * (chance[i] - win)) / win + uncertain;
    });
  return { loss: -Math.log(win) - entropyBonus * (h + g), gradients: [pull(p, below, h), pull(q, above, g)] };
}

/** For each atom the mass of `p` below it (above it with `above`), an equal atom counting half. */
function wins(p: Float64Array, above = false): Float64Array {
  let sum = 0;
  const out = new Float64Array(p.length);
  for (let k = 0; k < p.length; k++) {
    const i = above ? p.length - 1 - k : k;
    out[i] = sum + 0.5 * p[i];
    sum += p[i];
  }
  return out;
}

function entropyOf(p: Float64Array): number {
  return p.reduce((h, x) => (x > 0 ? h - x * Math.log(x) : h), 0);
}
