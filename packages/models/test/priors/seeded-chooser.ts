import type { Chooser } from '../../src/index.ts';

/** A small seeded stream for these tests (splitmix32, two words a number). */
export function seededChooser(seed: number): Chooser & { uniform: () => number } {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  const uniform = (): number => ((word() >>> 5) * 67108864 + (word() >>> 6)) / 9007199254740992;
  return {
    uniform,
    choose: (logWeights) => {
      const weights = Array.from(logWeights, (w) => Math.exp(w));
      let u = uniform() * weights.reduce((a, b) => a + b, 0);
      const last = weights.findLastIndex((w) => w > 0);
      return weights.findIndex((w, i) => (u -= w) < 0 || i === last);
    },
    split: (label) => seededChooser(Math.imul(seed ^ String(label).length, 0x85ebca6b) + String(label).charCodeAt(0)),
  };
}
