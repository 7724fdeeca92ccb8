import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lexiconMachine, scaleWeights } from '../../src/automata/lexicon.ts';
import { evaluate } from './support.ts';

describe('weights as whole numbers', () => {
  it('are exact for decimals of few places', () => {
    const { weights, divisor } = scaleWeights([0.1, -2.25, 3, -Infinity]);
    expect([weights, divisor]).toEqual([[10, -225, 300, -Infinity], 100]);
  });

  it('come back to within 2⁻⁴⁸ of the largest', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), { minLength: 1 }), (given) => {
        const { weights, divisor } = scaleWeights(given);
        const largest = Math.max(...given.map(Math.abs));
        weights.forEach((w, i) => {
          expect(Number.isSafeInteger(w)).toBe(true);
          expect(Math.abs(w / divisor - given[i])).toBeLessThanOrEqual(largest * 2 ** -48 + 2 ** -1001);
        });
      }),
      { seed: 9 },
    );
  });
});

describe('the lexicon machine', () => {
  it('leaves out keys that are no words', () => {
    const machine = lexiconMachine(
      new Map([
        ['well-being', 5],
        ['', 2],
        ['well', 1],
        ['be1ng', 3],
      ]),
    );
    expect(evaluate(machine, 'well-being well be1ng')).toBe(2);
  });
});
