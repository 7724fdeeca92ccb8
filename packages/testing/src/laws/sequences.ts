import {
  packSequences,
  textBatch,
  type Chooser,
  type LanguageModel,
  type SequenceBatch,
  type TextBatch,
} from '@postulate/models';

/** What the laws need to know of a model to make up token sequences. */
export type SequenceSpace = Pick<LanguageModel, 'vocabulary' | 'maxTokens'>;

/** Sequence `index` of a batch, for a counterexample: its tokens, and `$` where it ended by itself. */
export function describeSequence(batch: TextBatch, index: number): string {
  const tokens = Array.from(batch.tokens.subarray(batch.offsets[index], batch.offsets[index + 1]));
  const words = tokens.map((t) => JSON.stringify(batch.vocabulary.tokens[t] ?? t));
  return `[${words.join(' ')}]${batch.finished[index] === 1 ? '$' : ''}`;
}

function indexBelow(n: number, chooser: Chooser): number {
  return chooser.choose(new Float64Array(n));
}

/** Ways to fill a sequence: anything, one token over and over, two in turn, a run that breaks near its end. */
function fill(length: number, size: number, chooser: Chooser): number[] {
  const shape = indexBelow(4, chooser);
  const [a, b] = [indexBelow(size, chooser), indexBelow(size, chooser)];
  return Array.from({ length }, (_, i) => {
    if (shape === 0) return indexBelow(size, chooser);
    if (shape === 1) return a;
    return shape === 2 ? [a, b][i % 2] : i >= length - 2 ? b : a;
  });
}

/**
 * Token sequences that a prior would seldom draw: of every length up to `maxTokens` (the empty one and the full ones
 * first), repetitive, and possibly of no mass at all. Those of full length are not finished, the others are.
 */
export function adversarialBatch({ vocabulary, maxTokens }: SequenceSpace, count: number, chooser: Chooser): TextBatch {
  const lengths = Array.from({ length: count }, (_, i) =>
    i === 0 ? 0 : i % 4 === 1 ? maxTokens : indexBelow(maxTokens + 1, chooser),
  );
  const sequences = lengths.map((length) => fill(vocabulary.size === 0 ? 0 : length, vocabulary.size, chooser));
  const finished = sequences.map((s) => s.length < maxTokens);
  return textBatch(vocabulary, packSequences(sequences, finished));
}

/** The sequences of a batch in the given order; an index may occur more than once. */
export function selectSequences(batch: TextBatch, indices: readonly number[]): TextBatch {
  const sequences = indices.map((i) => batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]));
  const finished = indices.map((i) => batch.finished[i]);
  return textBatch(batch.vocabulary, packSequences(sequences, finished));
}

/** Draws of the model and adversarial sequences, half of each. */
export async function lawBatches(model: LanguageModel, count: number, chooser: Chooser): Promise<TextBatch[]> {
  const drawn: SequenceBatch = await model.sample(Math.ceil(count / 2), chooser.split('prior'));
  return [
    textBatch(model.vocabulary, drawn),
    adversarialBatch(model, Math.ceil(count / 2), chooser.split('adversarial')),
  ];
}
