import type { Chooser } from '../port/index.ts';
import type { TensorRuntime } from '../tensor/index.ts';
import type { DecoderConfig } from '../transformer/config.ts';
import { heldOut } from './held-out.ts';
import { LmTraining, type LmPlan } from './lm-training.ts';
import type { Split } from './split.ts';

/** What a language model to be trained is like; every number has a default that suits a few megabytes of text. */
export interface LmRecipe {
  readonly vocabulary: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width inside the feed-forward part; default 8/3 of `width`, rounded up to a multiple of 32. */
  readonly hidden: number;
  /** Passes over the training texts. */
  readonly epochs: number;
  /** Rows a step, and tokens a row. */
  readonly batch: number;
  readonly length: number;
  readonly rate: number;
  readonly weightDecay: number;
  /** Share of the texts that is kept back to judge by. */
  readonly heldOut: number;
}

export const LM_RECIPE: LmRecipe = {
  vocabulary: 2048,
  width: 192,
  layers: 6,
  heads: 6,
  hidden: 512,
  epochs: 4,
  batch: 8,
  length: 128,
  rate: 3e-3,
  weightDecay: 0.1,
  heldOut: 0.02,
};

/** The Llama that a recipe describes, for a tokenizer of `vocabulary` tokens. */
export function recipeConfig(recipe: LmRecipe, vocabulary: number): DecoderConfig {
  return {
    family: 'llama',
    vocabulary,
    width: recipe.width,
    layers: recipe.layers,
    heads: recipe.heads,
    keyHeads: recipe.heads,
    headSize: recipe.width / recipe.heads,
    hidden: recipe.hidden,
    activation: 'silu',
    positions: 2 * recipe.length,
    epsilon: 1e-5,
    rotaryBase: 10_000,
    tied: true,
  };
}

/** Training texts as token ids, and what the end of a text is. */
export interface EncodedTexts {
  readonly training: readonly Int32Array[];
  readonly heldOut: readonly Int32Array[];
  /** UTF-8 bytes of the held-out texts, and one for the end of each: their size as a file of lines. */
  readonly heldOutBytes: number;
  readonly end: number;
}

export function startLm(
  runtime: TensorRuntime,
  recipe: LmRecipe,
  config: DecoderConfig,
  { training, end }: EncodedTexts,
  chooser: Chooser,
): Promise<LmTraining> {
  const { epochs, batch, length, rate, weightDecay } = recipe;
  const plan: LmPlan = { config, texts: training, end, epochs, batch, length, rate, weightDecay };
  return LmTraining.create(runtime, plan, chooser);
}

/** Bits a byte of the held-out texts, each predicted on its own, its end included. */
export async function bitsPerByte(
  runtime: TensorRuntime,
  recipe: LmRecipe,
  config: DecoderConfig,
  weights: ReadonlyMap<string, Float32Array>,
  texts: EncodedTexts,
): Promise<number> {
  const { batch, length } = recipe;
  const { nats } = await heldOut(runtime, config, weights, texts.heldOut, { end: texts.end, batch, length });
  return nats / Math.LN2 / texts.heldOutBytes;
}

/** Training and held-out texts as token ids of a tokenizer that starts and ends texts with the token `end`. */
export function encodeSplit(split: Split, encode: (text: string) => Int32Array, end: number): EncodedTexts {
  return {
    training: split.training.map(encode),
    heldOut: split.heldOut.map(encode),
    heldOutBytes: split.heldOut.reduce((bytes, text) => bytes + Buffer.byteLength(text) + 1, 0),
    end,
  };
}
