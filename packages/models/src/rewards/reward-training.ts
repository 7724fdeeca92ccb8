import type { Chooser } from '../port/index.ts';
import type { TensorRuntime } from '../tensor/index.ts';
import { AdamW, type Arrays } from '../training/adam-w.ts';
import { initialise } from '../training/initialise.ts';
import { shuffled } from '../training/lm-training.ts';
import { cosineRate } from '../training/schedule.ts';
import { type HeadConfig, headParameters } from './head-config.ts';
import { Head } from './head.ts';
import { type Example, type RewardKind, textsOf } from './kinds.ts';
import { lossAt, OBJECTIVE_DEFAULTS, type ObjectiveOptions } from './objective.ts';
import { gatherStates, type StateBatch } from './states.ts';

export interface RewardPlan {
  readonly kind: RewardKind;
  readonly head: HeadConfig;
  readonly epochs: number;
  /** Examples a step. */
  readonly batch: number;
  /** Highest learning rate. */
  readonly rate: number;
  readonly weightDecay: number;
  /**
   * A member of an ensemble starts at random scores and learns from as many examples drawn with replacement: members then differ where
   * there is little data.
   */
  readonly member: boolean;
  readonly objective?: ObjectiveOptions;
}

export interface RewardState {
  readonly step: number;
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

export interface RewardStep {
  /** Mean loss of the step's examples before it, nats. */
  readonly loss: number;
  readonly gradientNorm: number;
}

/** Where the states of text i stand. */
export type StatesOf = (texts: readonly number[]) => Promise<StateBatch>;

/** Looks states up in one batch that holds those of all texts. */
export function statesFrom(all: StateBatch): StatesOf {
  return async (texts) => gatherStates(texts.map((row) => ({ from: all, row })));
}

/**
 * Trains one head on examples over fixed hidden states. What a step does depends on the seed, the plan and the step's number alone, so
 * that training restored from a state goes on as if it had never stopped.
 */
export class RewardTraining {
  readonly steps: number;
  readonly head: Head;
  readonly #optimiser: AdamW;
  readonly #perEpoch: number;
  readonly #drawn: readonly Example[];
  #order: { readonly epoch: number; readonly examples: readonly Example[] } | undefined;

  constructor(
    runtime: TensorRuntime,
    private readonly plan: RewardPlan,
    examples: readonly Example[],
    private readonly states: StatesOf,
    private readonly chooser: Chooser,
  ) {
    const weights = initialise(headParameters(plan.head, plan.member ? 'random' : 'zero'), chooser.split('weights'));
    this.head = new Head(runtime, plan.head, weights);
    this.#optimiser = new AdamW(weights, { weightDecay: plan.weightDecay, decays: isMatrix });
    this.#drawn = plan.member ? resampled(examples, chooser.split('bootstrap')) : examples;
    this.#perEpoch = Math.max(1, Math.ceil(examples.length / plan.batch));
    this.steps = Math.max(1, Math.round(plan.epochs * this.#perEpoch));
  }

  get weights(): Arrays {
    return this.head.weights;
  }

  get stepsDone(): number {
    return this.#optimiser.stepsDone;
  }

  async step(): Promise<RewardStep> {
    const at = this.stepsDone;
    const examples = this.#examplesOf(at);
    const texts = [...new Set(examples.flatMap(textsOf))];
    const batch = await this.states(texts);
    const { loss, upstream } = this.#lossOf(examples, texts, await this.head.outputs(batch));
    const gradients = await this.head.gradients(batch, upstream);
    const rate = cosineRate(at, this.steps, this.plan.rate, Math.ceil(this.steps / 20));
    const { gradientNorm } = this.#optimiser.step(gradients, rate);
    return { loss, gradientNorm };
  }

  #examplesOf(step: number): readonly Example[] {
    const epoch = Math.floor(step / this.#perEpoch);
    if (this.#order?.epoch !== epoch) {
      this.#order = { epoch, examples: shuffled(this.#drawn, this.chooser.split(`epoch ${epoch}`)) };
    }
    const from = (step % this.#perEpoch) * this.plan.batch;
    return this.#order.examples.slice(from, from + this.plan.batch);
  }

  #lossOf(examples: readonly Example[], texts: readonly number[], outputs: Float32Array) {
    const { kind, head, objective = OBJECTIVE_DEFAULTS } = this.plan;
    const k = head.outputs;
    const place = new Map(texts.map((text, i) => [text, i]));
    const upstream = new Float32Array(outputs.length);
    const row = (text: number): readonly number[] => {
      const from = (place.get(text) as number) * k;
      return Array.from(outputs.subarray(from, from + k));
    };
    let total = 0;
    for (const example of examples) {
      const { loss, gradients } = lossAt(kind, example, row, objective);
      total += loss;
      textsOf(example).forEach((text, which) => {
        const from = (place.get(text) as number) * k;
        gradients[which].forEach((g, j) => (upstream[from + j] += g / examples.length));
      });
    }
    return { loss: total / examples.length, upstream };
  }

  state(): RewardState {
    const { step, arrays } = this.#optimiser.state();
    const weights = Object.fromEntries([...this.weights].map(([name, data]) => [`weight:${name}`, data.slice()]));
    return { step, arrays: { ...arrays, ...weights } };
  }

  restore(state: RewardState): void {
    this.#optimiser.restore(state);
    for (const [name, data] of this.weights) data.set(state.arrays[`weight:${name}`]);
  }

  dispose(): Promise<void> {
    return this.head.dispose();
  }
}

const isMatrix = (name: string): boolean => !name.endsWith('bias') && !name.endsWith('norm.weight');

/** As many examples, drawn with replacement (Efron 1979). */
function resampled(examples: readonly Example[], { uniform }: Chooser): readonly Example[] {
  if (uniform === undefined) throw new Error('a bootstrap needs random numbers');
  return examples.map(() => examples[Math.floor(uniform() * examples.length)]);
}
