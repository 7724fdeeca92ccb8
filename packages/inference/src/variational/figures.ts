import { fail } from '@postulate/graph';
import { shownText } from '../bind/check-values.ts';
import { rateAt } from './options.ts';
import { logGamma } from './draw.ts';
import type { StepFigures, Training } from './training.ts';

/** One line of a training log. Logs in nats; means are the policy's, weighted by π/q where the texts are another law's. */
export interface StepMetrics {
  readonly step: number;
  readonly loss: number;
  /** What rises as the policy nears the posterior. */
  readonly bound: number;
  /** E log γ − log π: a lower bound of log Z (E log Z over contexts); `-Infinity` once a text of weight zero was drawn. */
  readonly elbo: number;
  /** The same as E log φ − KL(π ‖ prior). */
  readonly elboFromKl: number;
  /** E log φ. */
  readonly logFactor: number;
  readonly logFactorSd: number;
  /** KL(π ‖ prior). */
  readonly kl: number;
  readonly entropy: number;
  /** Share of the policy's mass on texts of weight zero. */
  readonly violating: number;
  readonly meanLength: number;
  /** Share of texts stopped at `max_tokens`. */
  readonly clippedRatio: number;
  /** Different pairs of neighbouring tokens among all of the first texts drawn. */
  readonly distinct2: number;
  readonly gradNorm: number;
  readonly gradClipped: number;
  readonly learningRate: number;
  readonly tokens: number;
  readonly extra: Readonly<Record<string, number>>;
}

/** log(π/q) of each text, normalised to weights of sum one; uniform where the texts are the policy's own. */
function policyWeights({ drawn, logPi, onPolicy }: StepFigures): Float64Array {
  const n = drawn.batch.size;
  const weights = new Float64Array(n);
  if (onPolicy) return weights.fill(1 / n);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += weights[i] = Math.exp(logPi[i] - drawn.logQ[i]);
  for (let i = 0; i < n; i++) weights[i] /= sum;
  return weights;
}

function astray(training: Training, { drawn, logPi, info }: StepFigures): Error {
  const worst = logPi.findIndex((l) => !Number.isFinite(l));
  const text =
    worst === -1 ? '' : `; the policy gives log probability ${logPi[worst]} to ${shownText(drawn.batch.text(worst))}`;
  return fail('P607', `the gradient is ${info.gradientNorm}${text}`, {
    help: `lower the learning rate or the clipping threshold of ${training.engine}`,
  });
}

/** Texts that variety is told on: always as many, since it falls as a sample grows. */
const VARIETY_TEXTS = 32;

/** distinct-2 of the first texts of a batch: different bigrams / bigrams. */
function distinctPairs({ batch }: StepFigures['drawn']): number {
  const seen = new Set<number>();
  const { tokens, offsets, vocabulary } = batch;
  let pairs = 0;
  for (let i = 0; i < Math.min(VARIETY_TEXTS, batch.size); i++) {
    for (let j = offsets[i] + 1; j < offsets[i + 1]; j++) {
      seen.add(tokens[j - 1] * vocabulary.size + tokens[j]);
      pairs++;
    }
  }
  return pairs === 0 ? 1 : seen.size / pairs;
}

/** What a step tells, as one line. Throws P607 where the gradient is no number. */
export function stepMetrics(t: Training, figures: StepFigures): StepMetrics {
  const { drawn, logPi, info } = figures;
  if (!Number.isFinite(info.gradientNorm)) throw astray(t, figures);
  const weights = policyWeights(figures);
  const { offsets, finished } = drawn.batch;
  let [elbo, kl, entropy, factor, violating, length, cut] = [0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i];
    if (w === 0) continue;
    if (drawn.logFactor[i] === -Infinity) violating += w;
    factor += w * drawn.logFactor[i];
    kl += w * (logPi[i] - drawn.logPrior[i]);
    entropy -= w * logPi[i];
    elbo += w * (logGamma(drawn, i) - logPi[i]);
    length += w * (offsets[i + 1] - offsets[i]);
    cut += w * (1 - finished[i]);
  }
  let square = 0;
  for (let i = 0; i < weights.length; i++)
    if (weights[i] > 0) square += weights[i] * (drawn.logFactor[i] - factor) ** 2;
  return {
    step: t.step,
    ...{ loss: figures.loss, bound: figures.bound, elbo, elboFromKl: factor - kl, logFactor: factor },
    ...{ logFactorSd: Math.sqrt(square), kl, entropy, violating, meanLength: length, clippedRatio: cut },
    distinct2: distinctPairs(drawn),
    ...{ gradNorm: info.gradientNorm, gradClipped: info.clipped ? 1 : 0 },
    learningRate: rateAt(t.options, t.step - 1),
    tokens: offsets[drawn.batch.size],
    extra: figures.extra ?? {},
  };
}
