import fc from 'fast-check';
import type { TokenMachine } from '@postulate/models';

export interface MachineOptions {
  readonly maxStates?: number;
  /** `event`: finals 0 or 1, no outputs. `score`: outputs and finals, small integers over 2. `hard`: finals 0 or −∞. */
  readonly kind?: 'event' | 'score' | 'hard';
}

function numbers(n: number, kind: 'event' | 'score' | 'hard'): fc.Arbitrary<Float64Array> {
  const value =
    kind === 'event'
      ? fc.constantFrom(0, 1)
      : kind === 'hard'
        ? fc.constantFrom(0, -Infinity)
        : fc.integer({ min: -4, max: 4 }).map((k) => k / 2);
  return fc.array(value, { minLength: n, maxLength: n }).map((list) => Float64Array.from(list));
}

const indices = (n: number, below: number) =>
  fc.array(fc.nat(below - 1), { minLength: n, maxLength: n }).map((list) => Int32Array.from(list));

/** Random machines over a vocabulary; states need not be reachable, classes may be empty. */
export function tokenMachines(
  vocabularySize: number,
  { maxStates = 4, kind = 'score' }: MachineOptions = {},
): fc.Arbitrary<TokenMachine> {
  return fc
    .record({
      states: fc.integer({ min: 1, max: maxStates }),
      classes: fc.integer({ min: 1, max: Math.max(1, vocabularySize) }),
    })
    .chain(({ states, classes }) =>
      fc.record({
        vocabularySize: fc.constant(vocabularySize),
        states: fc.constant(states),
        start: fc.nat(states - 1),
        classes: fc.constant(classes),
        classOf: indices(vocabularySize, classes),
        next: indices(states * classes, states),
        output:
          kind === 'score' ? fc.option(numbers(states * classes, 'score'), { nil: undefined }) : fc.constant(undefined),
        finalEnd: numbers(states, kind),
        finalStop: numbers(states, kind),
      }),
    );
}
