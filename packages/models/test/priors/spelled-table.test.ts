import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trainTable } from '../../src/priors/ngram/ngram-table.ts';
import { encodeCorpus } from '../../src/priors/ngram/tokenise.ts';
import { SpelledTable } from '../../src/priors/spelled-table.ts';
import { nextContext, probability } from '../../src/priors/table-lookup.ts';
import { denseSampler } from '../../src/priors/table-sampler.ts';
import { seededChooser } from './seeded-chooser.ts';

test('a table spelled out draws, from the same uniform numbers, what inversion of the running sums draws', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 6 }), { minLength: 1 }),
      fc.nat(),
      (texts, seed) => {
        const table = trainTable(encodeCorpus(texts, 'char'), 3);
        const [uniform, again] = [seededChooser(seed).uniform, seededChooser(seed).uniform];
        const found = new SpelledTable(table).sample(5, 40, uniform);
        const draw = denseSampler(table);
        for (let i = 0; i < found.size; i++) {
          const tokens: number[] = [];
          let [context, logProb, ended] = [table.start, 0, false];
          while (tokens.length < 5 && !ended) {
            const word = draw(context, again);
            logProb += Math.log(probability(table, context, word));
            ended = word === table.vocabularySize;
            if (!ended) tokens.push(word);
            context = nextContext(table, context, word);
          }
          expect([...found.tokens.subarray(found.offsets[i], found.offsets[i + 1])]).toEqual(tokens);
          expect(found.finished[i]).toBe(ended ? 1 : 0);
          expect(found.logProbs[i]).toBeCloseTo(logProb, 12);
        }
      },
    ),
    { seed: 7, numRuns: 100 },
  );
});

test('a context that a word does not lead to is refused, not drawn from', () => {
  const table = trainTable(encodeCorpus(['ab', 'ba'], 'char'), 2);
  const nowhere = { ...table, targets: table.targets.map(() => -1) };
  const { uniform } = seededChooser(1);
  expect(() => new SpelledTable(nowhere).sample(5, 40, uniform)).toThrow('every token has probability zero');
});
