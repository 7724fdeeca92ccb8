import type { PastChange, SteeredSession, SteeringGoal } from '../port/steerable.ts';
import type { Program, Tensor } from '../tensor/index.ts';
import { pastName, presentName } from './cached.ts';
import type { Decoder } from './decoder.ts';
import {
  changedStepProgram,
  changeName,
  KINDS,
  plainName,
  plainStepProgram,
  slopeName,
  steeringProgram,
} from './steering-programs.ts';

export interface SteeredOptions {
  /** What every text begins with, a prompt behind it; the token that ends texts where it is left out. Not empty. */
  readonly prefix?: ArrayLike<number>;
  /** Turns a row of the model's log law into that of the prior (temperature, cuts), in place. */
  readonly shape?: (row: Float32Array) => void;
}

type Arrays = Record<string, Tensor>;

/** Texts of a decoder that grow over a past that gradients can change. */
export class SteeredDecoding implements SteeredSession {
  #last: Int32Array;
  /** What stands before the last token, with the changes so far, and without any; with any, the last token's included. */
  #past: Arrays;
  #plain: Arrays;
  #plainPresent: Arrays = {};
  #pending: Arrays | undefined;
  #positions = 0;
  /** Sum of the unchanged states of all tokens before the last, and the last one's. */
  readonly #seen: Float32Array;
  #hidden: Float32Array;
  #logPrior = new Float32Array(0);
  readonly #key: string;

  private constructor(
    private readonly decoder: Decoder,
    private readonly rows: number,
    private readonly goal: SteeringGoal,
    private readonly klScale: number,
    first: number,
    private readonly shape: SteeredOptions['shape'],
  ) {
    this.#last = new Int32Array(rows).fill(first);
    this.#past = this.#empty();
    this.#plain = this.#empty();
    this.#seen = new Float32Array(rows * decoder.config.width);
    this.#hidden = new Float32Array(0);
    const size = goal.kind === 'bag' ? goal.bags.length : goal.labels;
    this.#key = `steering ${goal.kind} ${size} ${klScale}`;
  }

  static async open(
    decoder: Decoder,
    rows: number,
    goal: SteeringGoal,
    klScale: number,
    options: SteeredOptions = {},
  ): Promise<SteeredDecoding> {
    const prefix = Array.from(options.prefix ?? [decoder.end]);
    const session = new SteeredDecoding(decoder, rows, goal, klScale, prefix[0], options.shape);
    await session.#readLast();
    for (const token of prefix.slice(1)) {
      await session.law(session.#noChange());
      await session.advance(new Int32Array(rows).fill(token));
    }
    return session;
  }

  get past() {
    const { layers, keyHeads: heads, headSize: size } = this.decoder.config;
    return { layers, heads, positions: this.#positions, size };
  }

  get logPrior(): Float32Array {
    return this.#logPrior;
  }

  async slopes(change: PastChange) {
    const { decoder, goal, klScale } = this;
    const extra = { ...this.#step(), ...this.#changes(change), ...this.#goalInputs(), ...this.#prior() };
    const make = (): Program => steeringProgram(decoder.config, decoder.tokens, goal, klScale);
    const inputs = { ...this.#past, ...this.#plainInputs(), ...extra };
    const { loss, ...found } = await decoder.run(this.#key, make, inputs);
    const slopes: Float32Array[] = [];
    for (const name of this.#names(slopeName))
      slopes.push(Float32Array.from((await found[name].data()) as Float32Array));
    const values = Float32Array.from((await loss.data()) as Float32Array);
    for (const tensor of [loss, ...Object.values(found), ...Object.values(extra)]) tensor.dispose();
    return { loss: values, slopes };
  }

  async law(change: PastChange): Promise<Float32Array> {
    const { decoder } = this;
    const extra = { ...this.#step(), ...this.#changes(change) };
    const make = (): Program => changedStepProgram(decoder.config, decoder.tokens);
    const { law, ...present } = await decoder.run('changed step', make, { ...this.#past, ...extra });
    const values = Float32Array.from((await law.data()) as Float32Array);
    for (const tensor of [law, ...Object.values(extra), ...Object.values(this.#pending ?? {})]) tensor.dispose();
    this.#pending = this.#asPast(present);
    return values;
  }

  async advance(tokens: Int32Array): Promise<void> {
    const pending = this.#pending;
    if (pending === undefined) throw new Error('a steered text reads a token only after its law was asked for');
    for (const tensor of [...Object.values(this.#past), ...Object.values(this.#plain)]) tensor.dispose();
    this.#past = pending;
    this.#plain = this.#plainPresent;
    this.#pending = undefined;
    this.#hidden.forEach((h, i) => (this.#seen[i] += h));
    const { end, config } = this.decoder;
    // Rows that have ended read anything.
    this.#last = tokens.map((token) => (token >= 0 && token < config.vocabulary ? token : end));
    this.#positions++;
    if (this.#positions >= config.positions) throw new RangeError(`the model reads at most ${config.positions} tokens`);
    await this.#readLast();
  }

  /** The unchanged model at the last token: the prior, the hidden state, and the past that a step ahead has. */
  async #readLast(): Promise<void> {
    const { decoder, rows } = this;
    const make = (): Program => plainStepProgram(decoder.config, decoder.tokens);
    const step = this.#step();
    const { law, hidden, ...present } = await decoder.run('plain step', make, { ...step, ...this.#plain });
    this.#logPrior = Float32Array.from((await law.data()) as Float32Array);
    this.#hidden = Float32Array.from((await hidden.data()) as Float32Array);
    this.#plainPresent = this.#asPast(present);
    for (const tensor of [law, hidden, ...Object.values(step)]) tensor.dispose();
    const width = decoder.config.vocabulary + 1;
    if (this.shape) for (let r = 0; r < rows; r++) this.shape(this.#logPrior.subarray(r * width, (r + 1) * width));
  }

  #step(): Arrays {
    const { runtime } = this.decoder;
    return {
      ids: runtime.tensor(this.#last, [this.rows]),
      position: runtime.tensor(Int32Array.of(this.#positions), [1]),
    };
  }

  #changes(change: PastChange): Arrays {
    const { runtime, config } = this.decoder;
    const shape = [this.rows, config.keyHeads, this.#positions, config.headSize];
    return Object.fromEntries(this.#names(changeName).map((name, i) => [name, runtime.tensor(change[i], shape)]));
  }

  #goalInputs(): Arrays {
    const { goal, rows } = this;
    const { runtime, config } = this.decoder;
    if (goal.kind === 'bag') {
      return { bags: runtime.tensor(bagMatrix(goal.bags, config.vocabulary + 1), [config.vocabulary + 1, goal.bags.length]) }; // prettier-ignore
    }
    return {
      score: runtime.tensor(goal.score, [goal.labels, config.width]),
      bias: runtime.tensor(goal.bias, [1, goal.labels]),
      label: runtime.tensor(new Int32Array(rows).fill(goal.label), [rows]),
      seen: runtime.tensor(this.#seen, [rows, config.width]),
      share: runtime.tensor(Float32Array.of(1 / (this.#positions + 2)), [1]),
      next: runtime.tensor(Int32Array.of(this.#positions + 1), [1]),
    };
  }

  /** What a classifier's step ahead reads: held, not made for one call. */
  #plainInputs(): Arrays {
    if (this.goal.kind === 'bag') return {};
    const [from, to] = [this.#names(pastName), this.#names(plainName)];
    return Object.fromEntries(from.map((name, i) => [to[i], this.#plainPresent[name]]));
  }

  #prior(): Arrays {
    const width = this.decoder.config.vocabulary + 1;
    return { prior: this.decoder.runtime.tensor(this.#logPrior.map(Math.exp), [this.rows, width]) };
  }

  #names(of: typeof pastName): readonly string[] {
    return Array.from({ length: this.decoder.config.layers }, (_, layer) =>
      KINDS.map((kind) => of(layer, kind)),
    ).flat();
  }

  #empty(): Arrays {
    const { runtime, config } = this.decoder;
    const shape = [this.rows, config.keyHeads, 0, config.headSize];
    return Object.fromEntries(this.#names(pastName).map((name) => [name, runtime.tensor(new Float32Array(0), shape)]));
  }

  #noChange(): PastChange {
    const { heads, positions, size } = this.past;
    return this.#names(pastName).map(() => new Float32Array(this.rows * heads * positions * size));
  }

  #asPast(present: Readonly<Record<string, Tensor>>): Arrays {
    const [from, to] = [this.#names(presentName), this.#names(pastName)];
    return Object.fromEntries(from.map((name, i) => [to[i], present[name]]));
  }

  dispose(): void {
    const held = [this.#past, this.#plain, this.#plainPresent, this.#pending ?? {}];
    for (const tensor of held.flatMap((arrays) => Object.values(arrays))) tensor.dispose();
  }
}

function bagMatrix(bags: readonly ArrayLike<number>[], tokens: number): Float32Array {
  const out = new Float32Array(tokens * bags.length);
  bags.forEach((bag, b) => Array.from(bag).forEach((token) => (out[token * bags.length + b] = 1)));
  return out;
}
