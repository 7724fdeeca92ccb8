import type { Chooser, DecodeSession } from '@postulate/models';
import { all, type Maybe } from '../bind/maybe.ts';
import type { Twist } from '../twists/index.ts';

/** A batch of prefixes under q(v | s) ∝ prior(v | s) · ψ(s v)^strength. */
export interface TwistedRows {
  /** Writes the row's next-token log-probabilities, the end of sequence last; length V + 1, normalised. */
  row(index: number, out: Float64Array): void;
  /** Draws the row's next token; V for the end of sequence. */
  draw(index: number, chooser: Chooser): { readonly token: number; readonly logProb: number };
  advance(tokens: Int32Array): Maybe<void>;
  reorder(ancestors: Int32Array): void;
}

/**
 * Where ψ forbids everything that the prior allows, the prefix is dead whatever follows, and the law is the prior's: q stays
 * a distribution, and texts drawn there have weight zero.
 */
export function twistedRows(session: DecodeSession, twist: Twist, strength: number, size: number): TwistedRows {
  const twisted = twist.open(size);
  const width = session.logProbs.length / size;
  const scores = new Float64Array(width);
  const weights = new Float64Array(width);
  let laws: Float32Array | Float64Array | undefined;
  /** Writes log prior + strength · log ψ, up to a constant; returns the largest. */
  const score = (index: number, out: Float64Array): number => {
    laws ??= session.logProbs;
    const from = index * width;
    if (strength > 0) {
      if (twisted.next(index, out) instanceof Promise) {
        throw new TypeError(`the twist ${twist.name} answers later, which a policy cannot wait for`);
      }
      const max = combine(laws, from, strength, out);
      if (max > -Infinity) return max;
    }
    for (let w = 0; w < width; w++) out[w] = laws[from + w];
    return largest(out);
  };
  return {
    row(index, out) {
      const max = score(index, out);
      let sum = 0;
      for (let w = 0; w < width; w++) if (out[w] > -Infinity) sum += Math.exp(out[w] - max);
      const logSum = max + Math.log(sum);
      for (let w = 0; w < width; w++) out[w] -= logSum;
    },
    draw(index, chooser) {
      const max = score(index, scores);
      let sum = 0;
      for (let w = 0; w < width; w++) {
        const x = scores[w] - max;
        sum += weights[w] = x < SMALLEST ? 0 : Math.exp(x);
      }
      const token = chooser.uniform === undefined ? chooser.choose(scores) : pick(weights, chooser.uniform() * sum);
      return { token, logProb: scores[token] - max - Math.log(sum) };
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

/** Below this a weight beside 1 is 0 in doubles. */
const SMALLEST = -746;

/** Turns log ψ in `out` into log prior + strength · log ψ; returns the largest. */
export function combine(laws: ArrayLike<number>, from: number, strength: number, out: Float64Array): number {
  let max = -Infinity;
  for (let w = 0; w < out.length; w++) {
    const log = laws[from + w];
    const x = log === -Infinity || out[w] === -Infinity ? -Infinity : log + strength * out[w];
    out[w] = x;
    if (x > max) max = x;
  }
  return max;
}

function largest(values: Float64Array): number {
  let max = -Infinity;
  for (let w = 0; w < values.length; w++) if (values[w] > max) max = values[w];
  return max;
}

/** First index whose running sum exceeds `target`, among those of positive weight. */
function pick(weights: Float64Array, target: number): number {
  let left = target;
  let last = -1;
  for (let w = 0; w < weights.length; w++) {
    if (weights[w] === 0) continue;
    last = w;
    left -= weights[w];
    if (left < 0) break;
  }
  return last;
}
