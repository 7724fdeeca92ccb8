import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  combineLanguages,
  complementLanguage,
  intersectLanguages,
  isEmptyLanguage,
  isUniversalLanguage,
  shortestMember,
  subtractLanguages,
  uniteLanguages,
} from '../../src/automata/language.ts';
import { occurrenceMachine } from '../../src/automata/occurrence.ts';
import { coarsestStable, onePartition, splitByValue } from '../../src/automata/refine.ts';
import { regexMachine } from '../../src/automata/regex/compile.ts';
import { parseRegex } from '../../src/automata/regex/parse.ts';
import type { TextMachine } from '../../src/automata/text-machine.ts';
import { built, evaluate, superfluousText } from './support.ts';

const regex = (source: string, mode: 'matches' | 'finds' = 'matches') => built(regexMachine(parseRegex(source), mode));
/** A regular expression, or words to look for (after `any:` or `whole:`): short to print when something fails. */
const language = fc.oneof(
  fc.constantFrom('a*', '(a|b)*ab', '[^a]+', 'a?b?c?', '.*', '[ab]{2,3}', '\\p{L}*', '', 'b(a.)*'),
  fc
    .tuple(
      fc.constantFrom('any:', 'whole:'),
      fc.array(fc.constantFrom('a', 'ab', 'ba', 'bb', 'c'), { minLength: 1, maxLength: 3 }),
    )
    .map(([kind, words]) => kind + words.join()),
);
function machineOf(language: string): TextMachine {
  const [kind, words] = language.split(':');
  if (words === undefined) return regex(language);
  const options = { wholeWord: kind === 'whole', ignoreCase: false, place: 'anywhere' } as const;
  return built(occurrenceMachine(words.split(','), options));
}
const text = fc.array(fc.constantFrom('a', 'b', 'c', ' ', '\n', '😀'), { maxLength: 7 }).map((c) => c.join(''));
const same = (a: TextMachine, b: TextMachine) => isEmptyLanguage(built(combineLanguages(a, b, (x, y) => x !== y)));

describe('languages', () => {
  it('combine pointwise into minimal machines', () => {
    fc.assert(
      fc.property(language, language, text, (p, q, t) => {
        const [a, b] = [p, q].map(machineOf);
        const [x, y] = [evaluate(a, t), evaluate(b, t)];
        const [both, either, less] = [intersectLanguages(a, b), uniteLanguages(a, b), subtractLanguages(a, b)].map(
          built,
        );
        expect(evaluate(both, t)).toBe(Math.min(x, y));
        expect(evaluate(either, t)).toBe(Math.max(x, y));
        expect(evaluate(less, t)).toBe(x > y ? 1 : 0);
        expect(evaluate(complementLanguage(a), t)).toBe(1 - x);
        for (const m of [a, both, either, less]) expect(superfluousText(m)).toBe(0);
      }),
      { seed: 3 },
    );
  });

  it('obey the laws of a Boolean algebra', () => {
    fc.assert(
      fc.property(language, language, language, (p, q, r) => {
        const [a, b, c] = [p, q, r].map(machineOf);
        const and = (x: TextMachine, y: TextMachine) => built(intersectLanguages(x, y));
        const or = (x: TextMachine, y: TextMachine) => built(uniteLanguages(x, y));
        const not = complementLanguage;
        expect(same(not(and(a, b)), or(not(a), not(b)))).toBe(true);
        expect(same(and(a, or(b, c)), or(and(a, b), and(a, c)))).toBe(true);
        expect(same(or(a, and(a, b)), a)).toBe(true);
        expect(isEmptyLanguage(and(a, not(a)))).toBe(true);
        expect(isUniversalLanguage(or(a, not(a)))).toBe(true);
        expect(same(a, not(a))).toBe(false);
      }),
      { numRuns: 50, seed: 4 },
    );
  });

  it('show a shortest member', () => {
    fc.assert(
      fc.property(language, language, (p, q) => {
        const [a, b] = [p, q].map(machineOf);
        const both = built(intersectLanguages(a, b));
        const member = shortestMember(both);
        expect(member === undefined).toBe(isEmptyLanguage(both));
        if (member === undefined) return;
        expect([evaluate(a, member), evaluate(b, member)]).toEqual([1, 1]);
        const length = Array.from(member).length;
        const shorter = regex(length === 0 ? '[^\\s\\S]' : `[\\s\\S]{0,${length - 1}}`);
        expect(isEmptyLanguage(built(intersectLanguages(both, shorter)))).toBe(true);
      }),
      { numRuns: 50, seed: 5 },
    );
    expect(shortestMember(regex('b{3}a|c{5}'))).toBe('bbba');
  });
});

describe('partition refinement', () => {
  it('finds the coarsest stable partition (against refinement round by round)', () => {
    const automaton = fc
      .record({ states: fc.integer({ min: 1, max: 25 }), classes: fc.integer({ min: 1, max: 3 }) })
      .chain(({ states, classes }) =>
        fc.record({
          states: fc.constant(states),
          classes: fc.constant(classes),
          next: fc.array(fc.nat(states - 1), { minLength: states * classes, maxLength: states * classes }),
          label: fc.array(fc.nat(2), { minLength: states, maxLength: states }),
        }),
      );
    fc.assert(
      fc.property(automaton, ({ states, classes, next, label }) => {
        let rounds = splitByValue(onePartition(states), label, 3);
        const initial = rounds;
        for (let before = 0; before !== rounds.blocks;) {
          before = rounds.blocks;
          const { blockOf, blocks } = rounds;
          for (let c = 0; c < classes; c++) {
            const column = Array.from({ length: states }, (_, s) => blockOf[next[s * classes + c]]);
            rounds = splitByValue(rounds, column, blocks);
          }
        }
        const found = coarsestStable(states, classes, Int32Array.from(next), initial);
        expect(found.blocks).toBe(rounds.blocks);
        expect(splitByValue(found, rounds.blockOf, rounds.blocks).blocks).toBe(rounds.blocks);
      }),
      { numRuns: 500, seed: 6 },
    );
  });
});
