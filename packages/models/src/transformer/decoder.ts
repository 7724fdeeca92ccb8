import type { CompiledProgram, Program, Tensor, TensorRuntime } from '../tensor/index.ts';
import { pastName, presentName } from './cached.ts';
import type { DecoderConfig } from './config.ts';
import { parametersOf } from './parameters.ts';
import { isPlain, reorderProgram, scoreProgram, stepProgram, type TextTokens, type WholeOptions } from './programs.ts';

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

/** Sequences that grow token by token, with the keys and values of what they have read. */
export class Decoding {
  #past: Readonly<Record<string, Tensor>>;
  #position = 0;
  /** The law given last: it is the caller's until the next call. */
  #lent: Tensor | undefined;

  private constructor(
    private readonly decoder: Decoder,
    private readonly law: Law,
    past: Readonly<Record<string, Tensor>>,
    position: number,
  ) {
    this.#past = past;
    this.#position = position;
  }

  /** `rows` sequences that have read nothing. */
  static empty(decoder: Decoder, rows: number, law: Law): Decoding {
    return new Decoding(decoder, law, nothingRead(decoder, rows), 0);
  }

  /** How many tokens every sequence has read. */
  get position(): number {
    return this.#position;
  }

  /**
   * Every sequence reads one token. Gives the law of the next, rows × (V + 1), the end of the text last: probabilities, or their
   * logarithms in nats.
   */
  async step(ids: Int32Array): Promise<Float32Array> {
    const { runtime, config, tokens } = this.decoder;
    if (this.#position >= config.positions) {
      throw new RangeError(`the model reads at most ${config.positions} tokens`);
    }
    const inputs: Record<string, Tensor> = {
      ids: runtime.tensor(ids, [ids.length]),
      position: runtime.tensor(Int32Array.of(this.#position), [1]),
      ...this.#past,
    };
    const make = (): Program => stepProgram(config, tokens, this.law);
    const { law, ...present } = await this.decoder.run(`step ${this.law}`, make, inputs);
    for (const tensor of Object.values(inputs)) tensor.dispose();
    this.#past = asPast(config, present);
    this.#position++;
    this.#lent?.dispose();
    this.#lent = law;
    return (await law.data()) as Float32Array;
  }

  /** Row i continues what row `ancestors[i]` was; there may be more rows than before, or fewer. */
  async reorder(ancestors: Int32Array): Promise<void> {
    const past = await this.#taken(ancestors);
    for (const tensor of Object.values(this.#past)) tensor.dispose();
    this.#past = past;
  }

  /** An independent copy, from here on. */
  async fork(ancestors: Int32Array): Promise<Decoding> {
    return new Decoding(this.decoder, this.law, await this.#taken(ancestors), this.#position);
  }

  /** What the rows `ancestors` have read. */
  async #taken(ancestors: Int32Array): Promise<Readonly<Record<string, Tensor>>> {
    const { runtime, config } = this.decoder;
    if (this.#position === 0) return nothingRead(this.decoder, ancestors.length);
    const at = runtime.tensor(ancestors, [ancestors.length]);
    const present = await this.decoder.run('reorder', () => reorderProgram(config), { ancestors: at, ...this.#past });
    at.dispose();
    return asPast(config, present);
  }

  dispose(): void {
    for (const tensor of Object.values(this.#past)) tensor.dispose();
    this.#lent?.dispose();
  }
}

function nothingRead({ runtime, config }: Decoder, rows: number): Readonly<Record<string, Tensor>> {
  const shape = [rows, config.keyHeads, 0, config.headSize];
  return Object.fromEntries(pastNames(config).map((name) => [name, runtime.tensor(new Float32Array(0), shape)]));
}

const KINDS = ['keys', 'values'] as const;

function pastNames({ layers }: DecoderConfig): readonly string[] {
  return Array.from({ length: layers }, (_, i) => KINDS.map((kind) => pastName(i, kind))).flat();
}

function asPast({ layers }: DecoderConfig, present: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const past: Record<string, Tensor> = {};
  for (let i = 0; i < layers; i++) {
    for (const kind of KINDS) past[pastName(i, kind)] = present[presentName(i, kind)];
  }
  return past;
}
