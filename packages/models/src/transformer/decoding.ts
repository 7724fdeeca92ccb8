import type { Program, Tensor } from '../tensor/index.ts';
import { pastName, presentName } from './cached.ts';
import type { DecoderConfig } from './config.ts';
import type { Decoder, Law } from './decoder.ts';
import { reorderProgram, stepProgram } from './programs.ts';

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
