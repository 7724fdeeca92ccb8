import type * as Tf from '@tensorflow/tfjs-core';
import type { DataType, Elements } from '../node.ts';
import type { Program } from '../program.ts';
import type { CompiledProgram, CompileOptions, Tensor, TensorRuntime } from '../runtime.ts';
import { ShapeError, showShape } from '../shape.ts';
import { calculated, type Tfjs, type Traits } from './kernels.ts';
import { type Plan, planOf, type Step } from './plan.ts';

/** A tensor of TensorFlow.js; `host` is what it was made from, where it was made here. */
class TfjsValue implements Tensor {
  constructor(
    readonly value: Tf.Tensor,
    readonly host?: Elements,
  ) {}
  get shape(): readonly number[] {
    return this.value.shape;
  }
  get type(): DataType {
    return this.value.dtype === 'int32' ? 'int32' : 'float32';
  }
  data(): Promise<Elements> {
    return this.value.data() as Promise<Elements>;
  }
  dispose(): void {
    this.value.dispose();
  }
}

/**
 * Runs programs by TensorFlow.js, one operation after the other, on the backend that `tf` is set to now (which must be ready).
 * Only forward kernels are needed, since gradients are programs too. A value is let go of after its last use. Data given to `tensor`
 * must not change while the tensor lives: some backends read it at its first use.
 */
export function tfjsRuntime(tf: Tfjs, name = 'TensorFlow.js'): TensorRuntime {
  const backend = tf.getBackend();
  const native = backend === 'tensorflow';
  const traits: Traits = { scatterByProduct: native };
  // Takes effect at once where the backend has been set before.
  const select = (): void => void (tf.getBackend() !== backend && tf.setBackend(backend));
  return {
    description: `${name} ${tf.version_core}, backend ${backend}`,
    inPlace: false,
    tensor(data, shape) {
      select();
      const type = data instanceof Float32Array ? 'float32' : 'int32';
      return new TfjsValue(tf.tensor(data, shape as number[], type), data);
    },
    async compile(program: Program, { frozen = new Map() }: CompileOptions = {}): Promise<CompiledProgram> {
      select();
      const plan = planOf(program, { frozen, explicitTransposes: !native });
      return new TfjsProgram(tf, traits, plan, select, fixedValues(tf, traits, plan, frozen));
    },
  };
}

type Values = (Tf.Tensor | undefined)[];

/** Runs `steps` over the values in their places. Call within a `tidy`. */
function follow(tf: Tfjs, traits: Traits, steps: readonly Step[], values: Values): void {
  for (const { node, inputs, output, finished } of steps) {
    const from = inputs.map((place) => values[place] as Tf.Tensor);
    values[output] = tf.tidy(() => calculated(tf, traits, node, from));
    for (const place of finished) {
      values[place]?.dispose();
      values[place] = undefined;
    }
  }
}

/** What depends on constants and frozen inputs alone, in its places, for as long as the program lives. */
function fixedValues(tf: Tfjs, traits: Traits, plan: Plan, frozen: ReadonlyMap<string, Float32Array>): Values {
  const values: Values = new Array<Tf.Tensor | undefined>(plan.places).fill(undefined);
  tf.tidy(() => {
    for (const [name, { place, node }] of plan.frozen) {
      values[place] = tf.tensor(frozen.get(name) as Float32Array, node.shape as number[], 'float32');
    }
    follow(tf, traits, plan.once, values);
    for (const value of values) if (value !== undefined) tf.keep(value);
  });
  return values;
}

class TfjsProgram implements CompiledProgram {
  constructor(
    private readonly tf: Tfjs,
    private readonly traits: Traits,
    private readonly plan: Plan,
    private readonly select: () => void,
    private readonly fixed: Values,
  ) {}

  async run(inputs: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>> {
    const { tf, plan } = this;
    this.select();
    const values = this.fixed.slice();
    checkInputs(plan, inputs);
    for (const [name, { place }] of plan.inputs) values[place] = (inputs[name] as TfjsValue).value;
    const borrowed = new Set(values);
    const results = tf.tidy(() => {
      follow(tf, this.traits, plan.steps, values);
      const out: Record<string, Tf.Tensor> = {};
      for (const [name, place] of plan.outputs) {
        const value = values[place] as Tf.Tensor;
        out[name] = borrowed.has(value) ? tf.clone(value) : value;
        borrowed.add(value);
      }
      return out;
    });
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, new TfjsValue(value)]));
  }

  async dispose(): Promise<void> {
    for (const value of this.fixed.splice(0)) value?.dispose();
  }
}

/** Throws `ShapeError` where an input is missing, has another type or shape, or where two disagree about a named size. */
function checkInputs(plan: Plan, inputs: Readonly<Record<string, Tensor>>): void {
  const sizes = new Map<string, number>();
  for (const [name, { node }] of plan.inputs) {
    const given = inputs[name];
    if (given === undefined) throw new ShapeError(`the program needs an input ${name}`);
    const fits =
      node.shape.length === given.shape.length &&
      node.shape.every((d, axis) => {
        const size = given.shape[axis];
        if (typeof d === 'number') return d === size;
        const known = sizes.get(d) ?? size;
        sizes.set(d, known);
        return known === size;
      });
    if (!fits || given.type !== node.type) {
      const is = `${given.type} ${showShape(given.shape)}`;
      throw new ShapeError(`input ${name} is ${is}, not ${node.type} ${showShape(node.shape)}`);
    }
  }
  for (const { input, rows } of plan.bounds) checkIds(input, (inputs[input] as TfjsValue).host, rows);
}

/** Some backends read whatever memory a wrong id points at. */
function checkIds(name: string, ids: Elements | undefined, rows: number): void {
  const wrong = ids?.find((id) => id < 0 || id >= rows);
  if (wrong !== undefined) throw new RangeError(`input ${name} holds ${wrong}, which is not among 0 to ${rows - 1}`);
}
