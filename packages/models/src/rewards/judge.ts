import { normalCdf, sigmoid } from '@postulate/graph';
import {
  calibratedTemperature,
  expectedCalibrationError,
  type Forecast,
  logitTemperature,
  pairAccuracy,
} from './calibration.ts';
import { beliefOf } from './distribution.ts';
import type { Example, RewardKind } from './kinds.ts';
import { categoricalLoss, softmaxOf } from './losses.ts';
import { lossAt } from './objective.ts';

/** What is known of a trained head by examples it has not seen. */
export interface Judgement {
  readonly examples: number;
  /** Mean loss, nats; null without examples, as all that follows. */
  readonly loss: number | null;
  /** Share of pairs or labels that come out right. */
  readonly accuracy: number | null;
  /** 1 − squared error / variance, for ratings and shares of approvals. */
  readonly explained: number | null;
  /** What margins or logits have to be divided by to be those of probabilities. */
  readonly temperature: number;
  /** Expected calibration error before and after that. */
  readonly ece: { readonly before: number; readonly after: number } | null;
}

/** Outputs at a text. */
export type RowOf = (text: number) => readonly number[];

/** Judges outputs by held-out examples of one kind. The temperature is fitted to these examples themselves. */
export function judge(kind: RewardKind, examples: readonly Example[], row: RowOf): Judgement {
  const none = { examples: 0, loss: null, accuracy: null, explained: null, temperature: 1, ece: null };
  if (examples.length === 0) return none;
  const plain = { centring: 0, entropyBonus: 0 };
  const loss = examples.reduce((sum, e) => sum + lossAt(kind, e, row, plain).loss, 0) / examples.length;
  const base = { ...none, examples: examples.length, loss };
  if (kind === 'bt') return { ...base, ...judgedMargins(examples, row) };
  if (kind === 'label') return { ...base, ...judgedLabels(examples, row) };
  if (kind === 'dpl' || kind === 'categorical') return { ...base, ...judgedChances(kind, examples, row) };
  return { ...base, explained: explainedShare(kind, examples, row) };
}

type Pair = Extract<Example, { readonly kind: 'pair' }>;
const pairs = (examples: readonly Example[]): readonly Pair[] => examples.filter((e) => e.kind === 'pair');

function judgedMargins(examples: readonly Example[], row: RowOf): Partial<Judgement> {
  const margins = pairs(examples).map(({ chosen, rejected }) => row(chosen)[0] - row(rejected)[0]);
  const temperature = calibratedTemperature(margins);
  const at = (t: number): number =>
    expectedCalibrationError(margins.map((d) => ({ probability: sigmoid(d / t), came: true })));
  return { accuracy: pairAccuracy(margins), temperature, ece: { before: at(1), after: at(temperature) } };
}

function judgedLabels(examples: readonly Example[], row: RowOf): Partial<Judgement> {
  const known = examples.flatMap((e) => (e.kind === 'label' ? [e] : []));
  const rows = known.map(({ text }) => row(text));
  const labels = known.map(({ label }) => label);
  const temperature = logitTemperature(rows, labels);
  const error = (t: number): number =>
    labelCalibrationError(
      rows.map((r) => softmaxOf(r.map((x) => x / t))),
      labels,
    );
  const right = rows.filter((r, i) => r.indexOf(Math.max(...r)) === labels[i]).length;
  return { accuracy: right / rows.length, temperature, ece: { before: error(1), after: error(temperature) } };
}

/** Σ over ten bins of confidence in the likeliest label of share · |accuracy − mean confidence|. */
function labelCalibrationError(laws: readonly Float64Array[], labels: readonly number[]): number {
  const bins = Array.from({ length: 10 }, () => 0);
  laws.forEach((law, i) => {
    const confidence = Math.max(...law);
    bins[Math.min(9, Math.floor(10 * confidence))] += confidence - (law.indexOf(confidence) === labels[i] ? 1 : 0);
  });
  return bins.reduce((sum, gap) => sum + Math.abs(gap), 0) / laws.length;
}

/** Heads that give the chance of winning themselves. */
function judgedChances(kind: 'dpl' | 'categorical', examples: readonly Example[], row: RowOf): Partial<Judgement> {
  const forecasts = pairs(examples).map(({ chosen, rejected }): Forecast => {
    const [w, l] = [row(chosen), row(rejected)];
    return { probability: chanceOf(kind, w, l), came: true };
  });
  const before = expectedCalibrationError(forecasts);
  const accuracy = pairAccuracy(forecasts.map(({ probability }) => probability - 0.5));
  return { accuracy, ece: { before, after: before } };
}

function chanceOf(kind: 'dpl' | 'categorical', w: readonly number[], l: readonly number[]): number {
  if (kind === 'categorical') return Math.exp(-categoricalLoss(w, l, 0).loss);
  const [a, b] = [beliefOf(kind, w), beliefOf(kind, l)];
  return normalCdf((a.mean - b.mean) / Math.hypot(a.sd, b.sd));
}

function explainedShare(kind: RewardKind, examples: readonly Example[], row: RowOf): number | null {
  const points = examples.flatMap((e) => {
    if (e.kind === 'rating') return [[e.rating, beliefOf(kind, row(e.text)).mean]];
    return e.kind === 'approvals' ? [[e.approvals / e.of, beliefOf(kind, row(e.text)).mean]] : [];
  });
  const mean = points.reduce((sum, [y]) => sum + y, 0) / points.length;
  const variance = points.reduce((sum, [y]) => sum + (y - mean) ** 2, 0);
  return variance === 0 ? null : 1 - points.reduce((sum, [y, p]) => sum + (y - p) ** 2, 0) / variance;
}
