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
      const update = this.options.exactKl ? this.byRows(t, drawn, weights) : this.byTexts(t, drawn, elbos, weights);
      return andThen(update, (info) => ({
        ...{ drawn, logPi, onPolicy: t.proposals === undefined, info, loss: -bound, bound },
      }));
    });
  }

  /**
   * With ρ = π/π₀, E_π[log ρ ∇ log π] = E_π₀[(ρ log ρ − (ρ − 1)) ∇ log π] − E_π₀[∇ log π], since E_π[∇ log π] = 0: what is left to a
   * text is of second order in log ρ, and the rest is exact from rows of the prior.
   */
  private byTexts(t: Training, drawn: Drawn, elbos: Float64Array, weights: Float64Array) {
    if (!this.options.priorRows) return ascend(t, drawn, centred(drawn, elbos, weights));
    const shares = priorWeights(drawn);
    const beyond = elbos.map((wR, i) => wR + weights[i] - shares[i]);
    return ascendBesidePrior(t, drawn, centred(drawn, beyond, weights));
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
 * (wᵢ Rᵢ − wᵢ b) / n of the returns w R, w = π/q. The gradient's mean is the same for every b that text i is no part of, since
 * E_q[w ∇ log π] = 0; its variance is least, but for the norms of ∇ log π, for b = E[w² R] / E[w²] (Greensmith, Bartlett & Baxter 2004),
 * which the others estimate. On policy that is their mean.
 */
function centred({ groups }: Drawn, returns: Float64Array, weights: Float64Array): Float64Array {
  const out = new Float64Array(returns.length);
  for (const { from, to } of groups) {
    let [sum, squares] = [0, 0];
    for (let i = from; i < to; i++) {
      sum += weights[i] * returns[i];
      squares += weights[i] * weights[i];
    }
    for (let i = from; i < to; i++) {
      const w = weights[i];
      const b = w === 0 ? 0 : (without(sum, squares, w * w, returns[i] / w) ?? 0);
      out[i] = (returns[i] - w * b) / returns.length;
    }
  }
  return out;
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
 * What a choice earns: log φ of its text less the divergence still to come, less a baseline: the mean of the same over the other texts
 * that make a choice at that position, in the shares (π/q)² as for whole texts (of log φ over the other texts where none does).
 */
function advantages(drawn: Drawn, later: Float64Array, weights: Float64Array): Float64Array {
  const { batch, groups, logFactor } = drawn;
  const at = choiceOffsets(batch);
  const out = new Float64Array(later.length);
  const squared = weights.map((w) => w * w);
  for (const { from, to } of groups) {
    const sums: number[] = [];
    const shares: number[] = [];
    let [total, all] = [0, 0];
    for (let i = from; i < to; i++) {
      total += squared[i] * logFactor[i];
      all += squared[i];
      for (let j = at[i]; j < at[i + 1]; j++) {
        out[j] = logFactor[i] - later[j];
        sums[j - at[i]] = (sums[j - at[i]] ?? 0) + squared[i] * out[j];
        shares[j - at[i]] = (shares[j - at[i]] ?? 0) + squared[i];
      }
    }
    for (let i = from; i < to; i++) {
      const s = squared[i];
      const usual = without(total, all, s, logFactor[i]) ?? 0;
      for (let j = at[i]; j < at[i + 1]; j++) {
        out[j] -= without(sums[j - at[i]], shares[j - at[i]], s, out[j]) ?? usual;
      }
    }
  }
  return out;
}

/** The mean of the others, one value of some share taken off a sum; undefined where they have none of it but rounding. */
function without(sum: number, shares: number, share: number, value: number): number | undefined {
  const others = shares - share;
  return others > 1e-12 * shares ? (sum - share * value) / others : undefined;
}

function addScores(out: Float64Array, { batch }: Drawn, scores: Float64Array, shares: Float64Array): void {
  const at = choiceOffsets(batch);
  const width = batch.vocabulary.size + 1;
  for (let i = 0; i < batch.size; i++) {
    for (let j = at[i]; j < at[i + 1]; j++)
      out[j * width + choiceColumn(batch, i, j - at[i], width)] += scores[j] * shares[i];
  }
}
