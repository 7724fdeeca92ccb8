import type { Twist } from './twist.ts';

/** ψ = 1 everywhere: texts are proposed from the prior. */
export function noTwist(vocabularySize: number, exact: boolean): Twist {
  return {
    name: 'none',
    exact,
    open(size) {
      let logValues = new Float64Array(size);
      return {
        get logValues() {
          return logValues;
        },
        next: (_row, out) => void out.fill(0, 0, vocabularySize + 1),
        advance: () => undefined,
        reorder(ancestors) {
          logValues = new Float64Array(ancestors.length);
        },
      };
    },
  };
}
