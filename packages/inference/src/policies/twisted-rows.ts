import type { LanguageModel } from '@postulate/models';
import { all, type Maybe } from '../bind/maybe.ts';
import type { Twist } from '../twists/index.ts';

/** A batch of prefixes under q(v | s) ∝ prior(v | s) · ψ(s v)^strength. */
export interface TwistedRows {
  /** Writes the row's next-token log-probabilities, the end of sequence last; length V + 1, normalised. */
  row(index: number, out: Float64Array): void;
  advance(tokens: Int32Array): Maybe<void>;
  reorder(ancestors: Int32Array): void;
}

/**
 * Where ψ forbids everything that the prior allows, the prefix is dead whatever follows, and the law is the prior's: q stays
 * a distribution, and texts drawn there have weight zero.
 */
export function twistedRows(prior: LanguageModel, twist: Twist, strength: number, size: number): TwistedRows {
  const session = prior.open(size);
  const twisted = twist.open(size);
  const width = prior.vocabulary.size + 1;
  let laws: Float32Array | Float64Array | undefined;
  return {
    row(index, out) {
      laws ??= session.logProbs;
      const from = index * width;
      if (strength === 0) return void out.set(laws.subarray(from, from + width));
      if (twisted.next(index, out) instanceof Promise) {
        throw new TypeError(`the twist ${twist.name} answers later, which a policy cannot wait for`);
      }
      if (!normalised(laws, from, strength, out)) out.set(laws.subarray(from, from + width));
    },
    advance(tokens) {
      laws = undefined;
      return all([session.advance(tokens), twisted.advance(tokens)], () => undefined);
    },
    reorder(ancestors) {
      laws = undefined;
      session.reorder(ancestors);
      twisted.reorder(ancestors);
    },
  };
}

/** Turns log ψ in `out` into normalised log q; false where nothing has mass. */
function normalised(laws: ArrayLike<number>, from: number, strength: number, out: Float64Array): boolean {
  let max = -Infinity;
  for (let w = 0; w < out.length; w++) {
    const log = laws[from + w];
    const x = log === -Infinity || out[w] === -Infinity ? -Infinity : log + strength * out[w];
    out[w] = x;
    if (x > max) max = x;
  }
  if (max === -Infinity) return false;
  let sum = 0;
  for (let w = 0; w < out.length; w++) if (out[w] > -Infinity) sum += Math.exp(out[w] - max);
  const logSum = max + Math.log(sum);
  for (let w = 0; w < out.length; w++) out[w] -= logSum;
  return true;
}
