import { type CompiledProgram, type Tensor, type TensorRuntime } from '../tensor/index.ts';
import type { DecoderConfig } from '../transformer/config.ts';
import { parametersOf, trainableOf } from '../transformer/parameters.ts';
import { gradientName, scoreProgram } from '../transformer/programs.ts';
import { AdamW, type AdamWOptions, type Arrays, type StepInfo } from './adam-w.ts';
import { batchInputs, joined } from './batch-inputs.ts';
import type { PackedRow } from './packing.ts';

export interface TrainerOptions extends AdamWOptions {
  /** Rows of one step, and tokens of a row. */
  readonly batch: number;
  readonly length: number;
}

export interface TrainStep extends StepInfo {
  /** Mean of −log p over the targets that count, nats a token, before the step. */
  readonly loss: number;
  readonly tokens: number;
}

/** Trains a decoder, or its adapters where it has some, on packed rows, by maximum likelihood. The weights are changed where they lie. */
export class DecoderTrainer {
  readonly optimiser: AdamW;
  readonly #trained: readonly string[];
  readonly #shapes: ReadonlyMap<string, readonly number[]>;

  private constructor(
    private readonly runtime: TensorRuntime,
    private readonly compiled: CompiledProgram,
    private readonly config: DecoderConfig,
    readonly weights: Arrays,
    private readonly options: TrainerOptions,
  ) {
    this.#shapes = new Map(parametersOf(config).map(({ name, shape }) => [name, shape]));
    const changed = trainableOf(config).map(({ name }) => [name, weights.get(name) as Float32Array] as const);
    this.#trained = changed.map(([name]) => name);
    this.optimiser = new AdamW(new Map(changed), {
      weightDecay: 0.1,
      decays: (name) => (this.#shapes.get(name) as readonly number[]).length > 1 && !isEmbedding(name),
      ...options,
    });
  }

  static async create(
    runtime: TensorRuntime,
    config: DecoderConfig,
    weights: Arrays,
    options: TrainerOptions,
  ): Promise<DecoderTrainer> {
    const { batch, length } = options;
    const names = trainableOf(config).map(({ name }) => name);
    const compiled = await runtime.compile(scoreProgram(config, { batch, length }, names, { packed: true }));
    return new DecoderTrainer(runtime, compiled, config, weights, options);
  }

  /** One step on `batch` rows with learning rate `rate`. */
  async step(rows: readonly PackedRow[], rate: number): Promise<TrainStep> {
    const { batch, length } = this.options;
    const counted = rows.reduce((total, { counts }) => counts.reduce((a, b) => a + b, total), 0);
    const coefficients = joined(rows, 'counts', new Float32Array(batch * length)).map((c) => -c / counted);
    const results = await this.#run(rows, coefficients);
    const logProbs = (await results['logProbs'].data()) as Float32Array;
    const loss = logProbs.reduce((total, logProb, i) => total + logProb * coefficients[i], 0);
    const gradients = new Map<string, Float32Array>();
    for (const name of this.#trained) {
      gradients.set(name, (await results[gradientName(name)].data()) as Float32Array);
    }
    const info = this.optimiser.step(gradients, rate);
    for (const tensor of Object.values(results)) tensor.dispose();
    return { ...info, loss, tokens: counted };
  }

  async #run(rows: readonly PackedRow[], coefficients: Float32Array): Promise<Readonly<Record<string, Tensor>>> {
    const { batch, length } = this.options;
    const inputs: Record<string, Tensor> = {
      ...batchInputs(this.runtime, this.config, rows, length),
      coefficients: this.runtime.tensor(coefficients, [batch * length, 1]),
    };
    for (const [name, data] of this.weights) {
      inputs[name] = this.runtime.tensor(data, this.#shapes.get(name) as readonly number[]);
    }
    const results = await this.compiled.run(inputs);
    for (const value of Object.values(inputs)) value.dispose();
    return results;
  }

  dispose(): Promise<void> {
    return this.compiled.dispose();
  }
}

function isEmbedding(name: string): boolean {
  return name.includes('wte') || name.includes('wpe') || name.includes('embed_tokens');
}
