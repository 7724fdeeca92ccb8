import { seededChooser } from '@postulate/inference';
import { Decoder, LM_RECIPE, recipeConfig, startLm, type LmRecipe, type TensorRuntime } from '@postulate/models/neural';

/** A size of language model at which frameworks are compared. */
export interface Size {
  readonly name: string;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

export const SIZES: readonly Size[] = [
  { name: 'd128/L4', width: 128, layers: 4, heads: 4 },
  { name: 'd192/L6', width: 192, layers: 6, heads: 6 },
];

export const VOCABULARY = 2048;
/** Rows and tokens a row of one training step; rows and tokens of one batch of draws. */
export const TRAINING = { batch: 16, length: 64 };
export const SAMPLING = { batch: 64, length: 32 };

export const recipeOf = ({ width, layers, heads }: Size): LmRecipe => ({
  ...LM_RECIPE,
  ...{ width, layers, heads, vocabulary: VOCABULARY, hidden: 32 * Math.ceil(width / 12) },
  ...TRAINING,
});

/** Texts of exactly one row each, of random tokens: what a step costs does not depend on them. */
function randomTexts(count: number): readonly Int32Array[] {
  const { uniform } = seededChooser('bench texts');
  if (uniform === undefined) throw new Error('the chooser gives no numbers');
  const text = () =>
    Int32Array.from({ length: TRAINING.length - 1 }, () => 1 + Math.floor(uniform() * (VOCABULARY - 1)));
  return Array.from({ length: count }, text);
}

/** Seconds of one training step (forward, backward, AdamW): the median of `steps`, the first two left out. */
export async function secondsPerStep(runtime: TensorRuntime, size: Size, steps: number): Promise<number> {
  const recipe = recipeOf(size);
  const texts = { training: randomTexts(TRAINING.batch * 2), heldOut: [], heldOutBytes: 0, end: 0 };
  const training = await startLm(runtime, recipe, recipeConfig(recipe, VOCABULARY), texts, seededChooser('bench'));
  const seconds: number[] = [];
  for (let i = 0; i < steps + 2; i++) {
    const start = performance.now();
    await training.step();
    seconds.push((performance.now() - start) / 1000);
  }
  await training.dispose();
  return seconds.slice(2).sort((a, b) => a - b)[steps >> 1];
}

/** Tokens a second of drawing `SAMPLING.batch` texts at once, over `rounds` batches and one more before that is not counted. */
export async function tokensPerSecond(runtime: TensorRuntime, size: Size, rounds: number): Promise<number> {
  const recipe = recipeOf(size);
  const texts = { training: randomTexts(TRAINING.batch), heldOut: [], heldOutBytes: 0, end: 0 };
  const config = recipeConfig(recipe, VOCABULARY);
  const training = await startLm(runtime, recipe, config, texts, seededChooser('bench'));
  const decoder = new Decoder(runtime, config, training.weights, 0);
  const { uniform } = seededChooser('bench draws');
  if (uniform === undefined) throw new Error('the chooser gives no numbers');
  let start = 0;
  for (let round = 0; round <= rounds; round++) {
    if (round === 1) start = performance.now();
    await drawBatch(decoder, uniform);
  }
  const seconds = (performance.now() - start) / 1000;
  await decoder.dispose();
  await training.dispose();
  return (rounds * SAMPLING.batch * SAMPLING.length) / seconds;
}

/** Ends are drawn as any other token: every framework draws the same number of them. */
async function drawBatch(decoder: Decoder, uniform: () => number): Promise<void> {
  const { batch, length } = SAMPLING;
  const decoding = decoder.open(batch, 'probabilities');
  const ids = new Int32Array(batch);
  for (let t = 0; t < length; t++) {
    const law = await decoding.step(ids);
    for (let r = 0; r < batch; r++) {
      let left = uniform();
      let id = 0;
      const row = r * (VOCABULARY + 1);
      while (id < VOCABULARY && (left -= law[row + id]) >= 0) id++;
      ids[r] = id % VOCABULARY;
    }
  }
  decoding.dispose();
}
