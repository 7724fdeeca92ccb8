import fc from 'fast-check';
import type { TokenMachine } from '@postulate/models';
import { describe, expect, it } from 'vitest';
import {
  andMachines,
  compareMachines,
  constantMachine,
  expand,
  finishedMachine,
  isMachine,
  lengthMachine,
  machineValue,
  mapMachines,
  minimise,
  notMachine,
  orMachines,
  sumMachines,
  type MachineResult,
} from '../../src/index.ts';
import { tokenMachine } from '../exact/arbitraries.ts';
import { containsOf, countOf } from '../exact/toys.ts';

const T = 4;
const budget = { maxStates: 20_000, maxTokens: T };
const RUNS = { seed: 5, numRuns: 200 };

/** Every sequence of at most T tokens: shorter ones finished, the longest stopped. */
const SEQUENCES: readonly { readonly tokens: readonly number[]; readonly finished: boolean }[] = (() => {
  const all: { tokens: readonly number[]; finished: boolean }[] = [];
  let layer: number[][] = [[]];
  for (let t = 0; t <= T; t++) {
    layer.forEach((tokens) => all.push({ tokens, finished: t < T }));
    layer = layer.flatMap((s) => [0, 1, 2].map((w) => [...s, w]));
  }
  return all;
})();

function must(m: MachineResult): TokenMachine {
  if (!isMachine(m)) throw new Error(m.reason);
  return m;
}

function same(m: MachineResult, expected: (tokens: readonly number[], finished: boolean) => number): boolean {
  const machine = must(m);
  return SEQUENCES.every(({ tokens, finished }) => {
    const [a, b] = [machineValue(machine, tokens, finished), expected(tokens, finished)];
    return a === b || Math.abs(a - b) < 1e-12;
  });
}

describe('the algebra of machines is pointwise', () => {
  it('minimise, expand', () => {
    fc.assert(
      fc.property(tokenMachine(3, true), (m) => {
        const value = (t: readonly number[], f: boolean): number => machineValue(m, t, f);
        expect(minimise(m).states).toBeLessThanOrEqual(m.states + 1);
        return (
          same(minimise(m), value) && same(expand(m, budget), value) && must(expand(m, budget)).output === undefined
        );
      }),
      RUNS,
    );
  });

  it('sums', () => {
    const coefficients = fc.constantFrom(1, 2, 0.25);
    fc.assert(
      fc.property(tokenMachine(3, true), tokenMachine(3, false), coefficients, coefficients, (a, b, x, y) =>
        same(
          sumMachines(
            [
              { machine: a, coefficient: x },
              { machine: b, coefficient: -y },
            ],
            3,
            budget,
          ),
          (t, f) => 3 + x * machineValue(a, t, f) - y * machineValue(b, t, f),
        ),
      ),
      RUNS,
    );
  });

  it('any function of several values', () => {
    fc.assert(
      fc.property(tokenMachine(3, false), tokenMachine(3, false), (a, b) => {
        const f = ([x, y]: readonly number[]): number => x * y - Math.exp(x) + Math.min(x, y);
        return same(mapMachines([a, b], f, budget), (t, e) => f([machineValue(a, t, e), machineValue(b, t, e)]));
      }),
      RUNS,
    );
  });

  it('events', () => {
    fc.assert(
      fc.property(tokenMachine(3, false), tokenMachine(3, false), (a, b) => {
        const e = must(compareMachines(a, '<', b, budget));
        const g = must(compareMachines(a, '!=', b, budget));
        const value = (m: TokenMachine, t: readonly number[], f: boolean): boolean => machineValue(m, t, f) === 1;
        const less = (t: readonly number[], f: boolean): boolean => machineValue(a, t, f) < machineValue(b, t, f);
        return (
          same(e, (t, f) => Number(less(t, f))) &&
          same(notMachine(e, budget), (t, f) => Number(!less(t, f))) &&
          same(andMachines([e, g, e], budget), (t, f) => Number(value(e, t, f) && value(g, t, f))) &&
          same(orMachines([e, g], budget), (t, f) => Number(value(e, t, f) || value(g, t, f)))
        );
      }),
      RUNS,
    );
  });
});

describe('machines stay small', () => {
  const AB = ['a', 'b', 'c'];
  const states = (m: MachineResult): number => must(m).states;

  it('a counter compared with a number saturates', () => {
    const wide = { maxStates: 20_000, maxTokens: 50 };
    expect(states(compareMachines(countOf(AB, 'b'), '>=', constantMachine(3, 2), wide))).toBe(3);
    expect(states(compareMachines(lengthMachine(3), '==', constantMachine(3, 12), wide))).toBe(14);
  });

  it('tokens that no state tells apart share a class', () => {
    expect(containsOf(AB, 'b').classes).toBe(2);
    expect(must(andMachines([containsOf(AB, 'b'), finishedMachine(3)], budget)).classes).toBe(2);
  });

  it('opposite events leave one state', () => {
    const e = containsOf(AB, 'ab');
    const never = must(andMachines([e, must(notMachine(e, budget))], budget));
    expect([never.states, never.finalEnd[0], never.finalStop[0]]).toEqual([1, 0, 0]);
  });

  it('says why when there are too many states', () => {
    const small = { maxStates: 10, maxTokens: 50 };
    expect(mapMachines([lengthMachine(3)], ([n]) => n % 2, small)).toEqual({
      reason: expect.stringContaining('more than 10 automaton states') as string,
    });
  });
});

describe('values that are no numbers', () => {
  it('are refused where a text has them and ignored where none has', () => {
    const ratio = ([n]: readonly number[]): number => 1 / (n - 2);
    expect(mapMachines([lengthMachine(3)], ratio, budget)).toHaveProperty('reason');
    const log = mapMachines([lengthMachine(3)], ([n]) => Math.log(n), budget);
    expect(machineValue(must(log), [], true)).toBe(-Infinity);
    expect(machineValue(must(log), [1, 1], true)).toBeCloseTo(Math.log(2), 12);
    // Five tokens are more than any text has.
    const five = mapMachines([lengthMachine(3)], ([n]) => 1 / (5 - n), budget);
    expect(machineValue(must(five), [1, 1, 1, 1], false)).toBe(1);
  });

  it('-inf is not taken times a negative number', () => {
    const m = { ...constantMachine(3, 0), finalEnd: Float64Array.of(-Infinity) };
    expect(sumMachines([{ machine: m, coefficient: -1 }], 0, budget)).toHaveProperty('reason');
  });
});
