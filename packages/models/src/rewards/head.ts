import type { Arrays } from '../training/adam-w.ts';
import type { CompiledProgram, Program, Tensor, TensorRuntime } from '../tensor/index.ts';
import { gradientName } from '../transformer/programs.ts';
import { type HeadConfig, headParameters } from './head-config.ts';
import { headGradientProgram, headProgram } from './head-programs.ts';
import type { StateBatch } from './states.ts';

/** The head's arrays on a runtime, read anew at every call. */
export class Head {
  readonly #programs = new Map<string, Promise<CompiledProgram>>();
  readonly #shapes: ReadonlyMap<string, readonly number[]>;

  constructor(
    readonly runtime: TensorRuntime,
    readonly config: HeadConfig,
    readonly weights: Arrays,
  ) {
    this.#shapes = new Map(headParameters(config).map(({ name, shape }) => [name, shape]));
  }

  /** Outputs, row-major, one row a text. */
  async outputs(batch: StateBatch): Promise<Float32Array> {
    const { values } = await this.#run(`values ${batch.length}`, () => headProgram(this.config, batch.length), batch);
    const out = Float32Array.from((await values.data()) as Float32Array);
    values.dispose();
    return out;
  }

  /** Gradients of Σ upstream · outputs by each array. */
  async gradients(batch: StateBatch, upstream: Float32Array): Promise<ReadonlyMap<string, Float32Array>> {
    const { runtime, config } = this;
    const extra = { upstream: runtime.tensor(upstream, [batch.size, config.outputs]) };
    const make = (): Program => headGradientProgram(config, batch.length);
    const results = await this.#run(`gradients ${batch.length}`, make, batch, extra);
    const found = new Map<string, Float32Array>();
    for (const name of this.#shapes.keys()) {
      const tensor = results[gradientName(name)];
      found.set(name, Float32Array.from((await tensor.data()) as Float32Array));
      tensor.dispose();
    }
    return found;
  }

  async #run(
    key: string,
    make: () => Program,
    batch: StateBatch,
    extra: Readonly<Record<string, Tensor>> = {},
  ): Promise<Readonly<Record<string, Tensor>>> {
    const { runtime, config, weights } = this;
    const { size, length } = batch;
    let compiled = this.#programs.get(key);
    if (compiled === undefined) this.#programs.set(key, (compiled = runtime.compile(make())));
    const inputs: Record<string, Tensor> = {
      ...extra,
      states: runtime.tensor(batch.states, [size * length, config.width]),
    };
    if (length > 1) inputs['pool'] = runtime.tensor(batch.pool, [size, 1, length]);
    if (config.head === 'transformer') inputs['unseen'] = runtime.tensor(batch.unseen, [size, 1, 1, length]);
    for (const [name, shape] of this.#shapes) inputs[name] = runtime.tensor(weights.get(name) as Float32Array, shape);
    const results = await (await compiled).run(inputs);
    for (const tensor of Object.values(inputs)) tensor.dispose();
    return results;
  }

  async dispose(): Promise<void> {
    for (const compiled of this.#programs.values()) await (await compiled).dispose();
    this.#programs.clear();
  }
}
