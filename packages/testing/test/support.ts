import type { Chooser } from '@postulate/models';

/** A small generator for the tests of the gates themselves (Marsaglia's xorshift, 32 bits), apart from the product's. */
export function testUniform(seed: number): () => number {
  let state = (Math.imul(seed + 1, 0x9e3779b9) ^ 0x85ebca6b) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
  for (let i = 0; i < 16; i++) next();
  return () => (next() * 2097152 + (next() >>> 11)) / 9007199254740992;
}

/** Index with probability weights[i] / Σ weights. */
export function pick(weights: readonly number[], uniform: () => number): number {
  let left = uniform() * weights.reduce((a, b) => a + b, 0);
  for (let i = 0; i < weights.length; i++) if ((left -= weights[i]) < 0) return i;
  return weights.length - 1;
}

export function testChooser(seed: number): Chooser {
  const uniform = testUniform(seed);
  return {
    uniform,
    choose: (logWeights) => pick(Array.from(logWeights, Math.exp), uniform),
    split: (label) => testChooser(seed * 1000 + String(label).length + 1),
  };
}
