import type { Chooser, SequenceBatch, UpdateInfo } from '@postulate/models';
import { andThen, type Maybe } from '../../bind/index.ts';
import {
  ascend,
  choiceLogs,
  choiceOffsets,
  draw,
  hardDraw,
  logGamma,
  priorChoiceLogs,
  TokenValues,
  type Drawn,
  type Learner,
  type Memory,
  type StepFigures,
  type Training,
} from '../../variational/index.ts';
import { proposalRefused, type KlRlOptions } from './options.ts';

/**
 * Proximal policy optimisation (Schulman et al. 2017) of the same return: each token is paid log prior − log π of itself when it was
 * drawn, the last one log φ as well; advantages are returns less a value by position and last token (λ = 1: what a value gets wrong
 * does not move the optimum). The clipped ratio is a trust region on the step, not the posterior's KL. Nothing is whitened.
 */
export class PpoLearner implements Learner {
  private readonly options: KlRlOptions;
  private values: TokenValues | undefined;
  private loaded: Memory | undefined;

  constructor(options: KlRlOptions) {
    this.options = options;
  }

  private valuesOf(t: Training): TokenValues {
    if (this.values === undefined) {
      this.values = new TokenValues(t.policy.vocabulary.size);
      if (this.loaded !== undefined) this.values.load(this.loaded.arrays);
    }
    return this.values;
  }

  step(t: Training, chooser: Chooser): Maybe<StepFigures> {
    if (t.proposals !== undefined) throw proposalRefused();
    return andThen(draw(t, t.policy.laws, chooser), (drawn) => {
      hardDraw(t, drawn);
      return andThen(choiceLogs(t, drawn), (before) =>
        andThen(priorChoiceLogs(t, drawn), (priors) => this.learn(t, drawn, before, priors)),
      );
    });
  }

  private learn(t: Training, drawn: Drawn, before: Float64Array, priors: Float64Array): Maybe<StepFigures> {
    const earned = returnsToGo(drawn, before, priors);
    const values = this.valuesOf(t);
    const expected = values.values(drawn.batch);
    const advantages = earned.map((r, j) => r - expected[j]);
    values.learn(drawn.batch, earned);
    const bound = drawn.logQ.reduce((s, q, i) => s + logGamma(drawn, i) - q, 0) / drawn.batch.size;
    return andThen(this.epochs(t, drawn, before, advantages), ({ info, clipped }) => ({
      ...{ drawn, logPi: drawn.logQ, onPolicy: true, info, loss: -bound, bound },
      extra: { clipRatio: clipped },
    }));
  }

  private epochs(t: Training, drawn: Drawn, before: Float64Array, advantages: Float64Array) {
    const { epochs } = this.options;
    const go = (epoch: number, share: number): Maybe<{ info: UpdateInfo; clipped: number }> =>
      andThen(epoch === 0 ? before : choiceLogs(t, drawn), (now) => {
        const { coefficients, clipped } = this.clip(drawn.batch, now, before, advantages);
        return andThen(ascend(t, drawn, coefficients), (info) =>
          epoch + 1 === epochs ? { info, clipped: (share + clipped) / epochs } : go(epoch + 1, share + clipped),
        );
      });
    return go(0, 0);
  }

  /** The gradient of min(A r, A clip(r)): A r ∇ log π, and nothing where the clipped side is the smaller. */
  private clip(batch: SequenceBatch, now: Float64Array, before: Float64Array, advantages: Float64Array) {
    const { clipRatio } = this.options;
    let cut = 0;
    const coefficients = advantages.map((a, j) => {
      const ratio = Math.exp(now[j] - before[j]);
      const outside = a > 0 ? ratio > 1 + clipRatio : ratio < 1 - clipRatio;
      if (outside) cut++;
      return outside ? 0 : (a * ratio) / batch.size;
    });
    return { coefficients, clipped: cut / Math.max(1, advantages.length) };
  }

  save(): Memory {
    return { numbers: {}, arrays: this.values?.save() ?? this.loaded?.arrays ?? {} };
  }

  load(memory: Memory): void {
    this.values = undefined;
    this.loaded = memory.arrays['valueKeys'] === undefined ? undefined : memory;
  }
}

/** What is earned from each choice on. */
function returnsToGo({ batch, logFactor }: Drawn, logPi: Float64Array, logPrior: Float64Array): Float64Array {
  const at = choiceOffsets(batch);
  const out = new Float64Array(logPi.length);
  for (let i = 0; i < batch.size; i++) {
    let sum = logFactor[i];
    for (let j = at[i + 1] - 1; j >= at[i]; j--) out[j] = sum += logPrior[j] - logPi[j];
  }
  return out;
}
