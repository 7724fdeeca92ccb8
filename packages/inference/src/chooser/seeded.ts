import type { Chooser } from '@postulate/models';
import { deriveKey, type Key } from './hash.ts';
import { pickWeight } from './pick.ts';

const ROOT: Key = [0x6a09e667, 0xbb67ae85 | 0, 0x3c6ef372, 0xa54ff53a | 0];

let scratch = new Float64Array(256);

/** Room for so many weights, in use no longer than one choice takes. */
function scratchOf(size: number): Float64Array {
  if (scratch.length < size) scratch = new Float64Array(2 * size);
  return scratch;
}

/** The output function of xoshiro128** on its second word of state. */
function scrambled(word: number): number {
  const x = Math.imul(word, 5);
  return Math.imul((x << 7) | (x >>> 25), 9);
}

/** A chooser that follows one stream of xoshiro128** (Blackman & Vigna 2018), keyed by a hash of seed and labels. */
class SeededChooser implements Chooser {
  private readonly key: Key;
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  constructor(key: Key) {
    this.key = key;
    this.a = key[0];
    this.b = key[1];
    this.c = key[2];
    this.d = key[3];
    // The all-zero state is the generator's one fixed point.
    if ((this.a | this.b | this.c | this.d) === 0) this.a = 1;
  }

  // Two words of the generator, its state in locals between them: this is what sampling from a table spends its time on.
  readonly uniform = (): number => {
    let { a, b, c, d } = this;
    const high = scrambled(b) >>> 5;
    let shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    const low = scrambled(b) >>> 6;
    shifted = b << 9;
    c ^= a;
    d ^= b;
    this.b = b ^ c;
    this.a = a ^ d;
    this.c = c ^ shifted;
    this.d = (d << 11) | (d >>> 21);
    return (high * 67108864 + low) / 9007199254740992;
  };

  choose(logWeights: ArrayLike<number>): number {
    let max = -Infinity;
    for (let i = 0; i < logWeights.length; i++) if (logWeights[i] > max) max = logWeights[i];
    if (!Number.isFinite(max)) throw new RangeError(`choose needs a finite largest log weight, found ${max}`);
    const weights = scratchOf(logWeights.length);
    let total = 0;
    for (let i = 0; i < logWeights.length; i++) total += weights[i] = Math.exp(logWeights[i] - max);
    return pickWeight(weights, logWeights.length, total, this.uniform());
  }

  split(label: string | number): Chooser {
    return new SeededChooser(deriveKey(this.key, label));
  }
}

/**
 * The chooser of a seed: the same stream on every machine. `split(label)` is a function of the seed and the labels on
 * the way alone, so parts of a run can be reordered or run in parallel without changing what each of them draws.
 */
export function seededChooser(seed: string): Chooser {
  return new SeededChooser(deriveKey(ROOT, seed));
}
