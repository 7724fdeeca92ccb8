import fc from 'fast-check';
import { expect, it } from 'vitest';
import { machineValue, settledValues } from '../../src/index.ts';
import { tokenMachine } from '../exact/arbitraries.ts';
import { containsOf, countOf } from '../exact/toys.ts';

const settled = (values: Float64Array): number => [...values].filter((v) => !Number.isNaN(v)).length;

it('contains is settled once the word is found, or no tokens are left for it; a count never before the end', () => {
  const contains = containsOf(['a', 'b'], 'ab');
  expect([0, 1, 2, 3, 100].map((left) => settled(settledValues(contains, left)))).toEqual([3, 2, 1, 1, 1]);
  expect(settledValues(contains, 1)[contains.start]).toBe(0);
  expect(settledValues(contains, 2)[contains.start]).toBeNaN();
  const count = countOf(['a', 'b'], 'a');
  expect([0, 1, 2].map((left) => settled(settledValues(count, left)))).toEqual([1, 0, 0]);
});

/** Every way to go on with at most `left` of two tokens, and whether it ends or is stopped. */
function continuations(left: number): readonly (readonly [readonly number[], boolean])[] {
  if (left === 0) return [[[], false]];
  const longer = [0, 1].flatMap((token) =>
    continuations(left - 1).map(([rest, ended]) => [[token, ...rest], ended] as const),
  );
  return [[[], true], ...longer];
}

it('a state is settled where every continuation that fits is worth the same, which is its value', () => {
  fc.assert(
    fc.property(
      fc.boolean().chain((hard) => tokenMachine(2, hard)),
      fc.integer({ min: 0, max: 5 }),
      (machine, left) => {
        settledValues(machine, left).forEach((value, start) => {
          const values = new Set(
            continuations(left).map(([tokens, ended]) => machineValue({ ...machine, start }, [...tokens], ended)),
          );
          if (!Number.isNaN(value)) expect([...values]).toEqual([value]);
          // Sums of a value in two orders may differ by rounding, and a class may have no token.
          else if (machine.output === undefined && new Set(machine.classOf).size === machine.classes)
            expect(values.size).toBeGreaterThan(1);
        });
      },
    ),
    { seed: 6, numRuns: 300 },
  );
});
