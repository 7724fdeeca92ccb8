import type { Chooser, TextBatch } from '@postulate/models';
import { all, andThen, type Maybe } from '../../bind/index.ts';
import {
  ascend,
  ascendRows,
  choiceAdvantages,
  choiceColumn,
  choiceOffsets,
  divergenceRow,
  drawSteered,
  ForwardLearner,
  hardDraw,
  insistRowsFit,
  logGamma,
  OthersMeans,
  priorRows,
  sumsAfter,
  tokenKls,
  type Drawn,
  type Learner,
  type Memory,
  type StepFigures,
  type Training,
} from '../../variational/index.ts';
import { besideControl } from './beside-control.ts';
import type { KlRlOptions } from './options.ts';

/**
 * REINFORCE on R(x) = log φ(x) − (log π(x) − log prior(x)), held fixed while it is differentiated (`algorithms.md` 2.1). With full
 * rows the divergence is taken exactly token by token along the sampled prefixes (2.6): its own gradient in closed form, and what a
 * token does to later divergences by the score function. The first `forwardSteps` follow the other divergence.
 */
export class ReinforceLearner implements Learner {
  private readonly options: KlRlOptions;
  /** Of the first `forwardSteps`: draws from the policy as it is, and knows Z by the weights so far. */
  private readonly forward = new ForwardLearner({ adaptive: false, refresh: 1, baseline: true });

  constructor(options: KlRlOptions) {
    this.options = options;
  }

  step(t: Training, chooser: Chooser): Maybe<StepFigures> {
    return t.step < this.options.forwardSteps ? this.forwards(t, chooser) : this.backwards(t, chooser);
  }

  private forwards(t: Training, chooser: Chooser): Maybe<StepFigures> {
    return andThen(this.forward.step(t, chooser), (figures) => {
      hardDraw(t, figures.drawn, figures.logPi);
      const bound = mean(elbosOf(figures.drawn, figures.logPi));
      return { ...figures, bound, loss: -bound, extra: {} };
    });
  }

  private backwards(t: Training, chooser: Chooser): Maybe<StepFigures> {
    return andThen(drawSteered(t, t.policy.laws, chooser), ({ drawn: all, logOwn: logPi }) => {
      const drawn = hardDraw(t, all, logPi);
      const weights = logPi.map((l, i) => Math.exp(l - drawn.logQ[i]));
      const elbos = elbosOf(drawn, logPi);
      const bound = mean(elbos);
      const update = this.options.exactKl ? this.byRows(t, drawn, weights) : this.byTexts(t, drawn, elbos, weights);
      return andThen(update, (info) => ({
        ...{ drawn, logPi, onPolicy: t.proposals === undefined, info, loss: -bound, bound },
      }));
    });
  }

  private byTexts(t: Training, drawn: Drawn, elbos: Float64Array, weights: Float64Array) {
    if (t.controls === undefined) return ascend(t, drawn, centred(drawn, elbos, weights));
    return besideControl(t, drawn, t.controls, weights);
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
      const earned = earnedWithout(drawn, later);
      addScores(coefficients, drawn, choiceAdvantages(t, drawn, earned, weights), shares);
      return ascendRows(t, drawn, coefficients);
    });
  }

  save(): Memory {
    return this.forward.save();
  }

  load(memory: Memory, t: Training): Maybe<void> {
    return this.forward.load(memory, t);
  }
}

/** π/q · (log γ − log π) of each text, whose mean is the bound. */
const elbosOf = (drawn: Drawn, logPi: Float64Array): Float64Array =>
  logPi.map((l, i) => (l === -Infinity ? 0 : Math.exp(l - drawn.logQ[i]) * (logGamma(drawn, i) - l)));

const mean = (values: Float64Array): number => values.reduce((s, x) => s + x, 0) / values.length;

/**
 * (wᵢ Rᵢ − wᵢ b) / n of the returns w R, w = π/q. The gradient's mean is the same for every b that text i is no part of, since
 * E_q[w ∇ log π] = 0; its variance is least, but for the norms of ∇ log π, for b = E[w² R] / E[w²] (Greensmith, Bartlett & Baxter 2004),
 * which the others estimate. On policy that is their mean.
 */
function centred({ groups }: Drawn, returns: Float64Array, weights: Float64Array): Float64Array {
  const out = new Float64Array(returns.length);
  const returned = (i: number): number => (weights[i] === 0 ? 0 : returns[i] / weights[i]);
  for (const { from, to } of groups) {
    const others = new OthersMeans();
    for (let i = from; i < to; i++) others.add(0, weights[i] ** 2, returned(i));
    for (let i = from; i < to; i++) {
      const b = others.without(0, weights[i] ** 2, returned(i)) ?? 0;
      out[i] = (returns[i] - weights[i] * b) / returns.length;
    }
  }
  return out;
}

/** −∇ KL of each row, times its text's share. */
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
    for (let j = at[i]; j < at[i + 1]; j++) divergenceRow(out, logPi, logPrior, j * width, width, shares[i]);
  }
  return out;
}

/** log φ of each choice's text less the divergence still to come. */
function earnedWithout({ batch, logFactor }: Drawn, later: Float64Array): Float64Array {
  const at = choiceOffsets(batch);
  const out = new Float64Array(later.length);
  for (let i = 0; i < batch.size; i++) for (let j = at[i]; j < at[i + 1]; j++) out[j] = logFactor[i] - later[j];
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
