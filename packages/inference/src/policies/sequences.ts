import type { SampledBatch, SequenceBatch } from '@postulate/models';

/** One drawn text with its log-probability, nats. */
export interface Sequence {
  readonly tokens: ArrayLike<number>;
  readonly finished: boolean;
  readonly logProb: number;
}

export function pack(texts: readonly Sequence[]): SampledBatch {
  const offsets = new Int32Array(texts.length + 1);
  texts.forEach((t, i) => (offsets[i + 1] = offsets[i] + t.tokens.length));
  const tokens = new Int32Array(offsets[texts.length]);
  texts.forEach((t, i) => tokens.set(t.tokens, offsets[i]));
  return {
    size: texts.length,
    tokens,
    offsets,
    finished: Uint8Array.from(texts, (t) => (t.finished ? 1 : 0)),
    logProbs: Float64Array.from(texts, (t) => t.logProb),
  };
}

/** Whether a sequence has a length that the forced stop allows (`language.md` 5). */
export function possibleLength(batch: SequenceBatch, row: number, maxTokens: number): boolean {
  const length = batch.offsets[row + 1] - batch.offsets[row];
  return batch.finished[row] === 1 ? length < maxTokens : length === maxTokens;
}

let made = 0;

/** An id that no other policy of this process has: what a twist knows is not in its name. */
export function policyId(prior: string, what: string): string {
  return `${prior}~${what}#${++made}`;
}
