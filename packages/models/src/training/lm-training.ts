import type { Chooser } from '../port/index.ts';
import type { TensorRuntime } from '../tensor/index.ts';
import type { DecoderConfig } from '../transformer/config.ts';
import { parametersOf } from '../transformer/parameters.ts';
import type { Arrays } from './adam-w.ts';
import { DecoderTrainer, type TrainStep } from './decoder-trainer.ts';
import { initialise } from './initialise.ts';
import { packTexts, type PackedRow } from './packing.ts';
import { cosineRate } from './schedule.ts';

export interface LmPlan {
  readonly config: DecoderConfig;
  /** Token ids of each training text, without the end. */
  readonly texts: readonly Int32Array[];
  /** The token that starts and ends every text. */
  readonly end: number;
  readonly epochs: number;
  readonly batch: number;
  readonly length: number;
  /** Highest learning rate. */
  readonly rate: number;
  readonly weightDecay: number;
}

/** Everything that the next step depends on, beside the plan and the seed. */
export interface LmState {
  readonly step: number;
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

/** Steps over which the learning rate rises. */
const WARMUP = 200;

/**
 * Trains a decoder on texts by maximum likelihood. What a step does depends on the seed, the plan and the step's number alone, so that
 * training that is restored from a state goes on as if it had never stopped.
 */
export class LmTraining {
  #epoch = -1;
  #rows: readonly PackedRow[] = [];

  private constructor(
    private readonly trainer: DecoderTrainer,
    private readonly plan: LmPlan,
    private readonly chooser: Chooser,
    /** How many steps there will be. */
    readonly steps: number,
  ) {}

  static async create(runtime: TensorRuntime, plan: LmPlan, chooser: Chooser): Promise<LmTraining> {
    const { config, batch, length, weightDecay, epochs } = plan;
    const weights = initialise(parametersOf(config), chooser.split('weights'));
    const trainer = await DecoderTrainer.create(runtime, config, weights, { batch, length, weightDecay });
    const perEpoch = Math.max(1, Math.floor(packTexts(plan.texts, length, plan.end).length / batch));
    return new LmTraining(trainer, plan, chooser, Math.max(1, Math.round(epochs * perEpoch)));
  }

  get weights(): Arrays {
    return this.trainer.weights;
  }

  get stepsDone(): number {
    return this.trainer.optimiser.stepsDone;
  }

  async step(): Promise<TrainStep & { readonly rate: number }> {
    const at = this.stepsDone;
    const { rate: peak, batch } = this.plan;
    const warmup = Math.min(WARMUP, Math.ceil(this.steps / 20));
    const rate = cosineRate(at, this.steps, peak, warmup);
    const rows = Array.from({ length: batch }, (_, i) => this.#row(at * batch + i));
    return { ...(await this.trainer.step(rows, rate)), rate };
  }

  /** Row `index` of the endless stream: every epoch packs the texts anew, in an order of its own. */
  #row(index: number): PackedRow {
    const perEpoch = Math.ceil((this.steps * this.plan.batch) / Math.max(this.plan.epochs, 1e-9));
    const epoch = Math.floor(index / perEpoch);
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      const order = shuffled(this.plan.texts, this.chooser.split(`epoch ${epoch}`));
      this.#rows = shuffled(packTexts(order, this.plan.length, this.plan.end), this.chooser.split(`rows ${epoch}`));
    }
    return this.#rows[(index % perEpoch) % this.#rows.length];
  }

  state(): LmState {
    const { step, arrays } = this.trainer.optimiser.state();
    const weights = Object.fromEntries([...this.weights].map(([name, data]) => [`weight:${name}`, data.slice()]));
    return { step, arrays: { ...arrays, ...weights } };
  }

  restore(state: LmState): void {
    this.trainer.optimiser.restore(state);
    for (const [name, data] of this.weights) data.set(state.arrays[`weight:${name}`]);
  }

  dispose(): Promise<void> {
    return this.trainer.dispose();
  }
}

/** A random order of `items` (Fisher & Yates), a function of the chooser alone. */
export function shuffled<T>(items: readonly T[], { uniform }: Chooser): readonly T[] {
  if (uniform === undefined) throw new Error('a random order needs random numbers');
  const order = items.slice();
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
