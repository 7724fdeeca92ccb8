import type { CompiledProgram, Program, Tensor, TensorRuntime } from '../tensor/index.ts';
import type { DecoderConfig } from './config.ts';
import { Decoding } from './decoding.ts';
import { parametersOf } from './parameters.ts';
import { isPlain, scoreProgram, type TextTokens, type WholeOptions } from './programs.ts';

export type Law = 'probabilities' | 'logProbs';

/** Above this many bytes weights stay inputs: the protobuf form of an ONNX graph ends at 2 GiB and is copied while it is made. */
const MOST_FROZEN = 512 * 2 ** 20;

/** Lengths that whole sequences are padded to, so that few programs serve all of them. */
const LENGTHS = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192];

/** A decoder's weights on a runtime, with the programs that have been needed so far. */
export class Decoder {
  readonly tokens: TextTokens;
  /** What stands for the end of a text where tokens are scored. */
  readonly endTarget: number;
  /** How `scoreProgram` is to be made. */
  readonly scoring: WholeOptions;
  readonly #programs = new Map<string, Promise<CompiledProgram>>();
  /** Weights that are not frozen, from the first call that reads them on. */
  #weights: Readonly<Record<string, Tensor>> | undefined;
  readonly #frozen: ReadonlyMap<string, Float32Array> | undefined;

  /**
   * `weights` by name, as `parametersOf(config)` lists them; `tokens` are those that are none of a text, or the one that ends it. Weights that are not to change
   * are laid out by the runtime as it likes; those that `trainable` says may change are given to every call, and `changed` says when.
   */
  constructor(
    readonly runtime: TensorRuntime,
    readonly config: DecoderConfig,
    readonly weights: ReadonlyMap<string, Float32Array>,
    tokens: TextTokens | number,
    trainable = false,
  ) {
    this.tokens = typeof tokens === 'number' ? { ends: [tokens], never: [] } : tokens;
    const plain = isPlain(this.tokens);
    this.endTarget = plain ? this.tokens.ends[0] : config.vocabulary;
    this.scoring = plain ? {} : { tokens: this.tokens };
    const parameters = parametersOf(config);
    const bytes = parameters.reduce((total, { name }) => total + (weights.get(name)?.byteLength ?? 0), 0);
    this.#frozen = trainable || bytes > MOST_FROZEN ? undefined : weights;
  }

  #placed(): Readonly<Record<string, Tensor>> {
    const { runtime, config, weights } = this;
    return Object.fromEntries(
      parametersOf(config).map(({ name, shape }) => [name, runtime.tensor(weights.get(name) as Float32Array, shape)]),
    );
  }

  /** Trainable weights have changed where they lie: a runtime that has copies of them is given new ones. */
  changed(): void {
    if (!this.runtime.inPlace) this.#forget();
  }

  /** The token that ends a text, the first where there are several. */
  get end(): number {
    return this.tokens.ends[0];
  }

  /** Runs one of the decoder's programs, compiled when first asked for. The weights are given where they are not frozen. */
  async run(
    key: string,
    make: () => Program,
    inputs: Readonly<Record<string, Tensor>>,
  ): Promise<Readonly<Record<string, Tensor>>> {
    let compiled = this.#programs.get(key);
    if (compiled === undefined) {
      const made = make();
      const used = new Map([...(this.#frozen ?? [])].filter(([name]) => name in made.inputs));
      compiled = this.runtime.compile(made, used.size > 0 ? { frozen: used } : {});
      this.#programs.set(key, compiled);
    }
    const ready = await compiled;
    if (key.startsWith('reorder') || this.#frozen !== undefined) return ready.run(inputs);
    return ready.run({ ...(this.#weights ??= this.#placed()), ...inputs });
  }

  /** Starts `rows` sequences, all empty. */
  open(rows: number, law: Law): Decoding {
    return Decoding.empty(this, rows, law);
  }

  /**
   * log p of each token of `targets` after the tokens of `ids` up to its place, nats: row-major, `rows` of `length` tokens each.
   */
  async score(ids: Int32Array, targets: Int32Array, rows: number, length: number): Promise<Float32Array> {
    const padded = paddedLength(length);
    const wide = (from: Int32Array): Int32Array => widened(from, rows, length, padded);
    const size = rows * padded;
    const inputs: Record<string, Tensor> = {
      ids: this.runtime.tensor(wide(ids), [size]),
      targets: this.runtime.tensor(wide(targets), [size]),
      ...this.positions(rows, padded),
    };
    const make = (): Program => scoreProgram(this.config, { batch: 'batch', length: padded }, [], this.scoring);
    const { logProbs } = await this.run(`score ${padded}`, make, inputs);
    const values = (await logProbs.data()) as Float32Array;
    const out = new Float32Array(rows * length);
    for (let r = 0; r < rows; r++) out.set(values.subarray(r * padded, r * padded + length), r * length);
    for (const tensor of [...Object.values(inputs), logProbs]) tensor.dispose();
    return out;
  }

  /** The input that says where tokens of whole rows stand, where positions are learned. Padding stands at the last. */
  positions(rows: number, length: number): Readonly<Record<string, Tensor>> {
    if (this.config.family !== 'gpt2') return {};
    const last = this.config.positions - 1;
    const positions = Int32Array.from({ length: rows * length }, (_, i) => Math.min(i % length, last));
    return { positions: this.runtime.tensor(positions, [rows * length]) };
  }

  async dispose(): Promise<void> {
    for (const compiled of this.#programs.values()) await (await compiled).dispose();
    this.#programs.clear();
    this.#forget();
  }

  #forget(): void {
    for (const tensor of Object.values(this.#weights ?? {})) tensor.dispose();
    this.#weights = undefined;
  }
}

export function paddedLength(length: number): number {
  return LENGTHS.find((l) => l >= length) ?? length;
}

/** Rows of one length as rows of a longer one, zeros behind. */
export function widened(from: Int32Array, rows: number, length: number, padded: number): Int32Array {
  const out = new Int32Array(rows * padded);
  for (let r = 0; r < rows; r++) out.set(from.subarray(r * length, (r + 1) * length), r * padded);
  return out;
}
