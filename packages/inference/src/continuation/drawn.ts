import type { SampledBatch } from '@postulate/models';

/** One text of the prior; `logProb` in nats. */
export interface Drawn {
  readonly tokens: ArrayLike<number>;
  readonly finished: boolean;
  readonly logProb: number;
}

/** Separate texts as a batch. */
export function packDrawn(texts: readonly Drawn[]): SampledBatch {
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
