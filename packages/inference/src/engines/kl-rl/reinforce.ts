import type { Chooser, TextBatch } from '@postulate/models';
import { all, andThen, type Maybe } from '../../bind/index.ts';
import {
  ascend,
  ascendBesidePrior,
  ascendRows,
  choiceColumn,
  choiceOffsets,
  drawSteered,
  hardDraw,
  insistRowsFit,
  leaveOneOut,
  logGamma,
  NO_MEMORY,
  priorRows,
  priorWeights,
  sumsAfter,
  tokenKls,
  type Drawn,
  type Learner,
  type Memory,
  type StepFigures,
  type Training,
} from '../../variational/index.ts';
import type { KlRlOptions } from './options.ts';

/**
 * REINFORCE on R(x) = log φ(x) − (log π(x) − log prior(x)), held fixed while it is differentiated (`algorithms.md` 2.1). With full
 * rows the divergence is taken exactly token by token along the sampled prefixes (2.6): its own gradient in closed form, and what a
 * token does to later divergences by the score function.
 */
export class ReinforceLearner implements Learner {
  private readonly options: KlRlOptions;

  constructor(options: KlRlOptions) {
    this.options = options;
  }

  step(t: Training, chooser: Chooser): Maybe<StepFigures> {
    return andThen(drawSteered(t, t.policy.laws, chooser), ({ drawn, logOwn: logPi }) => {
      hardDraw(t, drawn);
      const weights = logPi.map((l, i) => Math.exp(l - drawn.logQ[i]));
      const elbos = logPi.map((l, i) => (weights[i] === 0 ? 0 : weights[i] * (logGamma(drawn, i) - l)));
      const bound = elbos.reduce((s, x) => s + x, 0) / elbos.length;
      const update = this.options.exactKl
        ? this.byRows(t, drawn, weights)
        : this.byTexts(t, drawn, returns(drawn, elbos, weights), weights);
      return andThen(update, (info) => ({
        ...{ drawn, logPi, onPolicy: t.proposals === undefined, info, loss: -bound, bound },
      }));
    });
  }

  /**
   * With ρ = π/π₀, E_π[log ρ ∇ log π] = E_π₀[(ρ log ρ − (ρ − 1)) ∇ log π] − E_π₀[∇ log π], since E_π[∇ log π] = 0: what is left to a
   * text is of second order in log ρ, and the rest is exact from rows of the prior.
   */
  private byTexts(t: Training, drawn: Drawn, scores: Float64Array, weights: Float64Array) {
    if (!this.options.priorRows) return ascend(t, drawn, scores);
    const shares = priorWeights(drawn);
    const beyond = scores.map((c, i) => c + (weights[i] - shares[i]) / scores.length);
    return ascendBesidePrior(t, drawn, beyond);
  }

  private byRows(t: Training, drawn: Drawn, weights: Float64Array) {
    const { batch, laws } = drawn;
    insistRowsFit(batch, 'exactKl');
    const width = batch.vocabulary.size + 1;
    return all([t.policy.rows(batch, laws), priorRows(t, drawn)], ([logPi, logPrior]) => {
      const choices = choiceOffsets(batch)[batch.size];
      const later = sumsAfter(batch, tokenKls(logPi, logPrior, choices, width));
      const shares = weights.map((w) => w / batch.size);
      const coefficients = divergenceRows(logPi, logPrior, batch, shares);
      addScores(coefficients, drawn, advantages(drawn, later, weights), shares);
      return ascendRows(t, drawn, coefficients);
    });
  }

  save(): Memory {
    return NO_MEMORY;
  }

  load(): void {}
}

/**
 * wᵢ (Rᵢ − b), over the number of texts, with w = π/q and b the mean of w R over the others, which estimates E_π[R] without text i. On
 * policy w is 1.
 */
function returns({ groups }: Drawn, weighted: Float64Array, weights: Float64Array): Float64Array {
  const n = weighted.length;
  const centred = leaveOneOut(weighted, groups);
  // wR − b, and w (R − b) = wR − b − (w − 1) b.
  return centred.map((c, i) => (c - (weights[i] - 1) * (weighted[i] - c)) / n);
}

/** −∇ KL of each row by log π(v): −π(v) (log π(v) − log prior(v)), times its text's share; what the policy rules out counts nothing. */
function divergenceRows(
  logPi: Float32Array | Float64Array,
  logPrior: Float32Array | Float64Array,
  batch: TextBatch,
  shares: Float64Array,
): Float64Array {
  const out = new Float64Array(logPi.length);
  const at = choiceOffsets(batch);
  const width = batch.vocabulary.size + 1;
  for (let i = 0; i < batch.size; i++) {
    for (let k = at[i] * width; k < at[i + 1] * width; k++) {
      if (logPi[k] > -Infinity) out[k] = -Math.exp(logPi[k]) * (logPi[k] - logPrior[k]) * shares[i];
    }
  }
  return out;
}

/**
 * What a choice earns: log φ of its text less the divergence still to come, less the mean of the same, times π/q, over the other texts
 * that make a choice at that position (of log φ over the other texts where none does).
 */
function advantages(drawn: Drawn, later: Float64Array, weights: Float64Array): Float64Array {
  const { batch, groups, logFactor } = drawn;
  const at = choiceOffsets(batch);
  const out = new Float64Array(later.length);
  for (const { from, to } of groups) {
    const sums: number[] = [];
    const counts: number[] = [];
    let total = 0;
    for (let i = from; i < to; i++) total += weights[i] * logFactor[i];
    for (let i = from; i < to; i++) {
      for (let j = at[i]; j < at[i + 1]; j++) {
        out[j] = logFactor[i] - later[j];
        sums[j - at[i]] = (sums[j - at[i]] ?? 0) + weights[i] * out[j];
        counts[j - at[i]] = (counts[j - at[i]] ?? 0) + 1;
      }
    }
    for (let i = from; i < to; i++) {
      for (let j = at[i]; j < at[i + 1]; j++) {
        const others = counts[j - at[i]] - 1;
        const baseline =
          others > 0
            ? (sums[j - at[i]] - weights[i] * out[j]) / others
            : (total - weights[i] * logFactor[i]) / Math.max(1, to - from - 1);
        out[j] -= baseline;
      }
    }
  }
  return out;
}

function addScores(out: Float64Array, { batch }: Drawn, scores: Float64Array, shares: Float64Array): void {
  const at = choiceOffsets(batch);
  const width = batch.vocabulary.size + 1;
  for (let i = 0; i < batch.size; i++) {
    for (let j = at[i]; j < at[i + 1]; j++)
      out[j * width + choiceColumn(batch, i, j - at[i], width)] += scores[j] * shares[i];
  }
}
