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

  private word(): number {
    const x = Math.imul(this.b, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9);
    const t = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= t;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result >>> 0;
  }

  readonly uniform = (): number => {
    const high = this.word() >>> 5;
    const low = this.word() >>> 6;
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
