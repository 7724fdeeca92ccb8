import fc from 'fast-check';
import { packSequences, textBatch, type TextBatch } from '@postulate/models';
import type { SequenceSpace } from '../laws/sequences.ts';

/** One token sequence; `finished` where it is shorter than `maxTokens`, as the forced stop has it. */
export interface TokenText {
  readonly tokens: readonly number[];
  readonly finished: boolean;
}

/** Sequences over the vocabulary of a model, of any length it can have, each token as likely as another. */
export function texts({ vocabulary, maxTokens }: SequenceSpace): fc.Arbitrary<TokenText> {
  if (vocabulary.size === 0) return fc.constant({ tokens: [], finished: maxTokens > 0 });
  return fc
    .array(fc.nat(vocabulary.size - 1), { maxLength: maxTokens })
    .map((tokens) => ({ tokens, finished: tokens.length < maxTokens }));
}

/** The same as a batch, ready for factors and functions. */
export function batchOf(space: SequenceSpace, list: readonly TokenText[]): TextBatch {
  const packed = packSequences(list.map((t) => t.tokens), list.map((t) => t.finished)); // prettier-ignore
  return textBatch(space.vocabulary, packed);
}
