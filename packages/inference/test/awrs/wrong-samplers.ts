import type { RestrictedSampler } from '../../src/index.ts';

/** Searches until the accept after `continuations` further ones and weighs the outcome by `weigh`. */
function searched(
  continuations: number,
  weigh: (mass: number, rejects: number) => number,
  remove = true,
): RestrictedSampler {
  return (law, ok, _, chooser) => {
    let first = -1;
    let mass = 0;
    let rejects = 0;
    for (let accepts = 0; accepts <= continuations && rejects < 100;) {
      const token = law.draw(chooser);
      if (token === -1) return { token: -1, mass: 0 };
      if (token === first || ok(token)) {
        if (accepts++ === 0) [first, mass] = [token, law.mass];
      } else {
        rejects++;
        if (remove) law.remove(token);
      }
    }
    return { token: first, mass: weigh(mass, rejects) };
  };
}

/** Near misses of the estimators; the proofs of the right ones must refuse them. */
export const wrongSamplers: Readonly<Record<string, RestrictedSampler>> = {
  'two continuations': searched(2, (mass, n) => (mass * 2) / (n + 2)),
  '(L + 1)/(n + L + 1)': searched(1, (mass, n) => (mass * 2) / (n + 2)),
  'no continuation': searched(0, (mass, n) => mass / (n + 1)),
  'the rejected mass forgotten': searched(1, (_, n) => 1 / (n + 1)),
};
