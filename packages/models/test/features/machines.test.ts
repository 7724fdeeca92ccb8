import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSequences, textBatch } from '../../src/port/index.ts';
import { superfluousTokens } from '../automata/support.ts';
import { CALLS, chars } from './calls.ts';
import { argumentsOf, bind } from './support.ts';

const vocabulary = fc.record({
  tokens: fc.array(fc.oneof(fc.constantFrom('a', 'b', 'aa', 'ab', ' ', 'a b', 'ks', "'"), chars(4)), {
    minLength: 1,
    maxLength: 8,
  }),
  separator: fc.constantFrom(' ', '', ' ', '', 'a', '. '),
});
describe('machines over tokens', () => {
  it.each(Object.keys(CALLS))('%s is what its definition says of the string', async (name) => {
    const sequences = fc.array(fc.tuple(fc.array(fc.nat(7), { maxLength: 8 }), fc.boolean()), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(CALLS[name], vocabulary, sequences, async ([builtin, args], v, drawn) => {
        const vocabulary = { ...v, size: v.tokens.length };
        const texts = drawn.map(([ids]) => ids.map((id) => id % vocabulary.size));
        const batch = textBatch(
          vocabulary,
          packSequences(
            texts,
            drawn.map(([, finished]) => finished),
          ),
        );
        const bound = await bind(vocabulary, builtin, argumentsOf(args));
        expect(bound.refusal()).toBeUndefined();
        const [fast, plain] = [await bound.values(batch), bound.plainValues(batch)];
        plain.forEach((value, i) =>
          expect([batch.text(i), fast[i]]).toEqual([batch.text(i), expect.closeTo(value, 11)]),
        );
        const machine = bound.machine();
        if (machine !== undefined) expect(superfluousTokens(machine)).toBe(0);
      }),
      { numRuns: 400, seed: 7 },
    );
  });

  it('distinct has none, and says why', async () => {
    const bound = await bind({ tokens: ['a'], size: 1, separator: ' ' }, 'distinct', argumentsOf({ n: 1 }));
    expect(bound.machine()).toBeUndefined();
    expect(bound.refusal()).toBe('it must remember every word of the text');
  });
});
