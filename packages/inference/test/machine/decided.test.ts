import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decidedStates, machineValue } from '../../src/index.ts';
import { tokenMachine } from '../exact/arbitraries.ts';
import { containsOf, countOf } from '../exact/toys.ts';

it('contains is decided once the word is found, a count never', () => {
  const contains = containsOf(['a', 'b'], 'ab');
  const decided = decidedStates(contains);
  expect([...decided].filter((d) => d === 1)).toHaveLength(1);
  expect(decided[contains.start]).toBe(0);
  expect([...decidedStates(countOf(['a', 'b'], 'a'))].every((d) => d === 0)).toBe(true);
});

it('from a decided state every continuation is worth the same', () => {
  fc.assert(
    fc.property(
      fc.boolean().chain((hard) => tokenMachine(2, hard)),
      (machine) => {
        const continuations = [[], [0], [1], [0, 1], [1, 0], [1, 1, 0], [0, 0, 1, 1], [1, 0, 1, 0, 1]];
        decidedStates(machine).forEach((decided, start) => {
          if (decided === 0) return;
          const values = continuations.flatMap((c) =>
            [true, false].map((ended) => machineValue({ ...machine, start }, c, ended)),
          );
          expect(new Set(values).size).toBe(1);
        });
      },
    ),
    { seed: 6, numRuns: 300 },
  );
});
