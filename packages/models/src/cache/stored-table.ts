import type { BackoffTable } from '../port/index.ts';
import type { StoredArrays } from './array-store.ts';

/** What is kept of a trained model. */
export interface TrainedModel {
  readonly tokens: readonly string[];
  readonly table: BackoffTable;
}

/** Flat arrays of a trained, normalised and interpolated model. */
export function toArrays({ tokens, table }: TrainedModel): StoredArrays {
  const { rowStart, words, probs, targets, backoff, parent } = table;
  return {
    scalars: Int32Array.of(table.vocabularySize, table.contexts, table.start),
    tokens: Buffer.from(JSON.stringify(tokens)),
    rowStart,
    words,
    probs,
    targets,
    backoff,
    parent,
  };
}

/** The inverse of `toArrays`; `undefined` where an array is missing or of another kind. */
export function fromArrays(arrays: StoredArrays): TrainedModel | undefined {
  const { scalars, tokens, rowStart, words, probs, targets, backoff, parent } = arrays;
  const ints = [scalars, rowStart, words, targets, parent];
  if (!ints.every((a) => a instanceof Int32Array) || !(tokens instanceof Uint8Array)) return undefined;
  if (!(probs instanceof Float64Array) || !(backoff instanceof Float64Array)) return undefined;
  const [vocabularySize, contexts, start] = scalars;
  const table = { vocabularySize, contexts, start, probs, backoff, norm: undefined, interpolated: true };
  return {
    tokens: JSON.parse(Buffer.from(tokens.buffer, tokens.byteOffset, tokens.byteLength).toString()) as string[],
    table: { ...table, rowStart, words, targets, parent } as BackoffTable,
  };
}
