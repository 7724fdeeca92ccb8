import { logSigmoid, sigmoid } from '@postulate/graph';
import { softmaxOf } from './losses.ts';

/** A prediction in [0, 1] and whether it came true. */
export interface Forecast {
  readonly probability: number;
  readonly came: boolean;
}

/**
 * Expected calibration error: Σ over `bins` equal bins of confidence of share · |accuracy − mean confidence| (Naeini et al. 2015). The
 * confidence is that in the likelier outcome, so that it lies in [½, 1].
 */
export function expectedCalibrationError(forecasts: readonly Forecast[], bins = 10): number {
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (const { probability, came } of forecasts) {
    const confidence = Math.max(probability, 1 - probability);
    const bin = sums[Math.min(bins - 1, Math.floor((confidence - 0.5) * 2 * bins))];
    bin.count++;
    bin.confidence += confidence;
    // Where both are as likely, either answer is half right.
    bin.right += probability === 0.5 ? 0.5 : probability > 0.5 === came ? 1 : 0;
  }
  return sums.reduce((e, { confidence, right }) => e + Math.abs(right - confidence), 0) / Math.max(1, forecasts.length);
}

/** Share of pairs whose margin r_w − r_l is above 0; an equal one counts half. */
export function pairAccuracy(margins: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < margins.length; i++) right += margins[i] > 0 ? 1 : margins[i] === 0 ? 0.5 : 0;
  return right / Math.max(1, margins.length);
}

/** The forecasts that margins at temperature τ make, each written from a side that does not know who won. */
export function marginForecasts(margins: ArrayLike<number>, temperature: number): readonly Forecast[] {
  return Array.from(margins, (d) => ({ probability: sigmoid(d / temperature), came: true }));
}

/** Where inverse temperatures are looked for. */
const LEAST = 1e-3;
const MOST = 1e3;

/**
 * The τ that minimises −Σ log σ(margin/τ): then σ of a difference of r/τ is a probability (temperature scaling, Guo et al. 2017). The sum is
 * convex in 1/τ; where every margin has the right sign it falls for ever, and the least τ looked at is given.
 */
export function calibratedTemperature(margins: ArrayLike<number>): number {
  const slope = (s: number): number => {
    let sum = 0;
    for (let i = 0; i < margins.length; i++) sum -= margins[i] * sigmoid(-s * margins[i]);
    return sum;
  };
  let [lo, hi] = [LEAST, MOST];
  for (let i = 0; i < 200 && hi > lo * (1 + 1e-12); i++) {
    const mid = Math.sqrt(lo * hi);
    if (slope(mid) < 0) lo = mid;
    else hi = mid;
  }
  return 1 / Math.sqrt(lo * hi);
}

/** Mean of −log σ(margin/τ), nats. */
export function marginLoss(margins: ArrayLike<number>, temperature: number): number {
  let sum = 0;
  for (let i = 0; i < margins.length; i++) sum -= logSigmoid(margins[i] / temperature);
  return sum / Math.max(1, margins.length);
}

/** Mean of −log softmax(logits/τ)[label], nats. */
export function logitLoss(rows: readonly ArrayLike<number>[], labels: readonly number[], temperature: number): number {
  const sum = rows.reduce((total, row, i) => {
    const p = softmaxOf(Array.from(row, (x) => x / temperature));
    return total - Math.log(Math.max(p[labels[i]], Number.MIN_VALUE));
  }, 0);
  return sum / Math.max(1, rows.length);
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The τ that minimises `logitLoss`, by golden sections of log τ: the loss is convex in 1/τ, so that it has one valley. */
export function logitTemperature(rows: readonly ArrayLike<number>[], labels: readonly number[]): number {
  let [lo, hi] = [Math.log(1 / MOST), Math.log(1 / LEAST)];
  const at = (x: number): number => logitLoss(rows, labels, Math.exp(x));
  while (hi - lo > 1e-6) {
    const [a, b] = [hi - GOLDEN * (hi - lo), lo + GOLDEN * (hi - lo)];
    if (at(a) < at(b)) hi = b;
    else lo = a;
  }
  return Math.exp((lo + hi) / 2);
}
