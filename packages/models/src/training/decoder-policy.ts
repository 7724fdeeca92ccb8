import { fail } from '@postulate/graph';
import { neuralModel } from '../neural/index.ts';
import {
  choiceOffsets,
  type LanguageModel,
  type PolicyOptions,
  type SequenceBatch,
  type Snapshot,
  type StoredModel,
  type TrainablePolicy,
  type UpdateInfo,
  type UpdateStep,
  type Vocabulary,
} from '../port/index.ts';
import { causalDecoder } from '../transformer/causal-decoder.ts';
import { Decoder } from '../transformer/decoder.ts';
import { parametersOf, trainableOf } from '../transformer/parameters.ts';
import { rowsGradient, sequenceGradient } from '../transformer/sequence-gradient.ts';
import { AdamW } from './adam-w.ts';
import { storedDecoder } from './stored-decoder.ts';

/** What suits a pretrained network: all weights, or adapters alone, which start at zero and may move faster. */
const LEARNING_RATE = { all: 3e-4, adapters: 2e-3 };
/**
 * Above what gradients of whole texts have in a sound run: a threshold that most steps reach would shrink those of rare texts, which
 * are the large ones, and with them what the policy is drawn towards.
 */
const CLIP = 30;
/**
 * Memory of the second moments. That of an array is long: what is rare has the large gradients, and a scale that rises with each of them
 * would hold them down.
 */
const BETA2 = { entry: 0.99, array: 0.999 };

export interface DecoderPolicyParts {
  /** Where it starts; its weights are copied. */
  readonly decoder: Decoder;
  readonly id: string;
  readonly vocabulary: Vocabulary;
  readonly maxTokens: number;
  /** What the texts of each law begin with. */
  readonly prefixes: readonly Int32Array[];
}

let made = 0;

/**
 * A transformer as a policy: all its weights, or its adapters where the decoder has some, trained by Adam with clipped gradients. It
 * starts as the decoder is.
 */
export async function decoderPolicy(parts: DecoderPolicyParts, options: PolicyOptions): Promise<TrainablePolicy> {
  const policy = new DecoderPolicy(parts, options, `${parts.id}~policy#${++made}`);
  await policy.refresh();
  return policy.asPolicy();
}

function copied(decoder: Decoder, trainable: boolean): Decoder {
  const weights = new Map([...decoder.weights].map(([name, data]) => [name, data.slice()]));
  return new Decoder(decoder.runtime, decoder.config, weights, decoder.tokens, trainable);
}

class DecoderPolicy {
  readonly #decoder: Decoder;
  readonly #optimiser: AdamW;
  readonly #rate: number;
  #laws: readonly LanguageModel[] = [];
  #frozen = 0;

  constructor(
    private readonly parts: DecoderPolicyParts,
    options: PolicyOptions,
    private readonly id: string,
  ) {
    this.#decoder = copied(parts.decoder, true);
    const { config, weights } = this.#decoder;
    const trained = trainableOf(config).map(({ name }) => [name, weights.get(name) as Float32Array] as const);
    const clip = options.clip > 0 ? options.clip : CLIP;
    const scale = options.moments === 'array' ? 'array' : 'entry';
    this.#optimiser = new AdamW(new Map(trained), { clip, beta2: BETA2[scale], scale });
    const usual = config.lora === undefined ? LEARNING_RATE.all : LEARNING_RATE.adapters;
    this.#rate = options.learningRate > 0 ? options.learningRate : usual;
  }

  /** Laws remember what follows their prefix: they are made anew after each step. */
  async refresh(): Promise<void> {
    this.#decoder.changed();
    this.#laws = await this.#lawsOf(this.#decoder, this.id);
  }

  #lawsOf(decoder: Decoder, id: string): Promise<readonly LanguageModel[]> {
    const { vocabulary, maxTokens, prefixes } = this.parts;
    const network = causalDecoder(decoder, id);
    return Promise.all(prefixes.map((prefix) => neuralModel(network, { vocabulary, maxTokens, prefix })));
  }

  /** A law that is always the current one. */
  #following(at: number): LanguageModel {
    const now = (): LanguageModel => this.#laws[at];
    const { vocabulary, maxTokens, capabilities, rows } = now();
    return {
      id: `${this.id}.${at}`,
      vocabulary,
      maxTokens,
      capabilities,
      open: (batch) => now().open(batch),
      logProb: (sequences) => now().logProb(sequences),
      ...(rows === undefined ? {} : { rows: (sequences: SequenceBatch) => now().rows!(sequences) }),
      sample: (count, chooser) => now().sample(count, chooser),
    };
  }

  asPolicy(): TrainablePolicy {
    const laws = this.parts.prefixes.map((_, at) => this.#following(at));
    return {
      ...laws[0],
      id: this.id,
      parameters: trainableOf(this.#decoder.config).reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0),
      laws,
      update: (sequences, coefficients, step) => this.#update(sequences, coefficients, step),
      rows: async (sequences, of) => (await this.#rows(sequences, undefined, of)).rows,
      updateRows: (sequences, coefficients, step) => this.#updateRows(sequences, coefficients, step),
      snapshot: () => this.#snapshot(),
      restore: (snapshot) => this.#restore(snapshot),
      frozen: () => this.#lawsOf(copied(this.#decoder, false), `${this.id}@${++this.#frozen}`),
      stored: (): StoredModel => storedDecoder(this.#decoder, this.parts),
    };
  }

  #prefixOf(of: Int32Array | undefined): (sequence: number) => Int32Array {
    const { prefixes } = this.parts;
    return of === undefined ? () => prefixes[0] : (i) => prefixes[of[i]];
  }

  async #update(batch: SequenceBatch, coefficients: Float64Array, how: UpdateStep = {}): Promise<UpdateInfo> {
    const at = choiceOffsets(batch);
    const each = new Float64Array(at[batch.size]);
    if (coefficients.length === batch.size) {
      for (let i = 0; i < batch.size; i++) each.fill(coefficients[i], at[i], at[i + 1]);
    } else each.set(coefficients);
    // The optimiser goes downwards.
    for (let k = 0; k < each.length; k++) each[k] = -each[k];
    const found = await sequenceGradient(this.#decoder, batch, this.#prefixOf(how.laws), each);
    const logProbs = new Float64Array(batch.size);
    for (let i = 0; i < batch.size; i++) for (let k = at[i]; k < at[i + 1]; k++) logProbs[i] += found.logProbs[k];
    return { ...(await this.#apply(found.gradients, how)), logProbs };
  }

  async #updateRows(
    batch: SequenceBatch,
    coefficients: Float32Array | Float64Array,
    how: UpdateStep = {},
  ): Promise<UpdateInfo> {
    const down = new Float32Array(coefficients.length);
    for (let k = 0; k < down.length; k++) down[k] = -coefficients[k];
    const { rows, gradients } = await this.#rows(batch, down, how.laws);
    const at = choiceOffsets(batch);
    const width = this.parts.vocabulary.size + 1;
    const logProbs = new Float64Array(batch.size);
    for (let i = 0; i < batch.size; i++) {
      for (let k = at[i]; k < at[i + 1]; k++) {
        const t = batch.offsets[i] + k - at[i];
        logProbs[i] += rows[k * width + (t < batch.offsets[i + 1] ? batch.tokens[t] : width - 1)];
      }
    }
    return { ...(await this.#apply(gradients, how)), logProbs };
  }

  #rows(batch: SequenceBatch, coefficients: Float32Array | undefined, of: Int32Array | undefined) {
    return rowsGradient(this.#decoder, batch, this.#prefixOf(of), coefficients);
  }

  async #apply(gradients: ReadonlyMap<string, Float32Array>, { rate = 1 }: UpdateStep) {
    const info = this.#optimiser.step(gradients, this.#rate * rate);
    await this.refresh();
    return info;
  }

  #snapshot(): Snapshot {
    const { step, arrays } = this.#optimiser.state();
    const weights = trainableOf(this.#decoder.config).map(({ name }) => [
      `weight:${name}`,
      (this.#decoder.weights.get(name) as Float32Array).slice(),
    ]);
    return { step, arrays: { ...arrays, ...Object.fromEntries(weights) } };
  }

  async #restore({ step, arrays }: Snapshot): Promise<void> {
    for (const { name } of trainableOf(this.#decoder.config)) {
      const data = this.#decoder.weights.get(name) as Float32Array;
      const stored = arrays[`weight:${name}`];
      if (stored?.length !== data.length) {
        throw fail('P903', 'the checkpoint is that of another network', { kind: 'outside' });
      }
      data.set(stored);
    }
    this.#optimiser.restore({ step, arrays: arrays as Readonly<Record<string, Float32Array>> });
    await this.refresh();
  }
}

/** How many numbers a decoder has in all. */
export function parameterCount({ config }: Decoder): number {
  return parametersOf(config).reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0);
}
