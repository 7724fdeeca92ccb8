import fc from 'fast-check';
import { PostError } from '@postulate/graph';
import { describe, expect, it } from 'vitest';
import { regexMachine } from '../../src/automata/regex/compile.ts';
import { parseRegex } from '../../src/automata/regex/parse.ts';
import { built, evaluate, superfluousText } from './support.ts';

const literal = fc.constantFrom(
  'a',
  'b',
  'c',
  '😀',
  'é',
  '\\.',
  '\\u{1F601}',
  '\\x61',
  '\\u00e9',
  '\\uD83D\\uDE00',
  ' ',
  '\\n',
);
const klass = fc.constantFrom(
  '.',
  '\\d',
  '\\D',
  '\\w',
  '\\W',
  '\\p{L}',
  '\\P{L}',
  '\\p{Script=Greek}',
  '[ab]',
  '[^ab]',
  '[a-c😀]',
  '[^\\w-]',
  '[-a]',
  '[\\d\\p{Lu}]',
  '[^\\D😀]',
  '[\\u{1F600}-\\u{1F602}]',
  '[.*]',
);
const repeat = fc.constantFrom('*', '+', '?', '{2}', '{1,}', '{0,2}', '{2,3}', '{0}');

/** Random patterns of the syntax that JavaScript's `u` expressions share, `\s` and `.` meaning the same but for rare characters. */
const { pattern } = fc.letrec<{ pattern: string; sequence: string; item: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    tie('sequence'),
    fc.array(tie('sequence'), { minLength: 2, maxLength: 3 }).map((options) => options.join('|')),
    tie('sequence').map((s) => `^${s}`),
    tie('sequence').map((s) => `${s}$`),
    tie('sequence').map((s) => `^${s}$|a`),
  ),
  sequence: fc.oneof(
    { maxDepth: 4 },
    tie('item'),
    fc.array(tie('item'), { maxLength: 4 }).map((items) => items.join('')),
  ),
  item: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    literal,
    klass,
    fc.tuple(tie('pattern'), fc.constantFrom('(', '(?:')).map(([inner, open]) => `${open}${inner})`),
    fc.tuple(fc.oneof(literal, klass), repeat).map(([atom, r]) => atom + r),
    fc.tuple(tie('pattern'), repeat).map(([inner, r]) => `(${inner})${r}`),
  ),
}));
const text = fc
  .array(fc.constantFrom('a', 'b', 'c', 'é', '😀', '😁', '1', '.', ' ', '\n', '-', 'Ω', 'X', '\u2028'), {
    maxLength: 8,
  })
  .map((chars) => chars.join(''));

describe('regular expressions', () => {
  it('agree with JavaScript where the syntax is common', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 4, maxLength: 8 }), (source, texts) => {
        const regex = parseRegex(source);
        const whole = built(regexMachine(regex, 'matches'));
        const part = built(regexMachine(regex, 'finds'));
        const [anchored, free] = [new RegExp(`^(?:${source})$`, 'u'), new RegExp(source, 'u')];
        for (const t of texts) {
          expect([t, evaluate(whole, t)]).toEqual([t, anchored.test(t) ? 1 : 0]);
          expect([t, evaluate(part, t)]).toEqual([t, free.test(t) ? 1 : 0]);
        }
      }),
      { numRuns: 1500, seed: 1 },
    );
  });

  it('become minimal automata', () => {
    fc.assert(
      fc.property(pattern, (source) => {
        const regex = parseRegex(source);
        for (const mode of ['matches', 'finds'] as const) {
          const machine = built(regexMachine(regex, mode));
          if (machine.states < 60) expect(superfluousText(machine)).toBe(0);
        }
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  it('take ASCII alone for \\s, \\d and \\w', () => {
    const holds = (source: string, t: string) => evaluate(built(regexMachine(parseRegex(source), 'matches')), t) === 1;
    for (const c of ' \t\n\v\f\r') expect(holds('\\s', c)).toBe(true);
    for (const c of '\u00a0\ufeff\u2028\u0085') expect(holds('\\s', c)).toBe(false);
    expect(holds('\\S', '\u00a0')).toBe(true);
    expect(holds('\\d', '٣')).toBe(false);
    expect(holds('\\w', 'é')).toBe(false);
    expect(holds('.', '\u0085')).toBe(true);
    for (const c of '\n\r\u2028\u2029') expect(holds('.', c)).toBe(false);
  });

  it('see the empty text', () => {
    const value = (source: string, mode: 'matches' | 'finds') =>
      evaluate(built(regexMachine(parseRegex(source), mode)), '');
    expect(value('', 'matches')).toBe(1);
    expect(value('^$', 'finds')).toBe(1);
    expect(value('a|$', 'finds')).toBe(1);
    expect(value('a', 'finds')).toBe(0);
  });

  it('say so where the automaton would be too large', () => {
    expect(regexMachine(parseRegex('(a|b)*a(a|b){18}'), 'matches')).toEqual({
      reason: 'its automaton needs more than 20,000 states',
    });
    expect(regexMachine(parseRegex('((a{1000}){1000}){1000}'), 'matches')).toEqual({
      reason: 'it unrolls to more than 20000 states',
    });
  });
});

describe('bad regular expressions', () => {
  const message = (pattern: string) => {
    try {
      parseRegex(pattern);
    } catch (error) {
      if (!(error instanceof PostError)) throw error;
      const [diagnostic] = error.diagnostics;
      return `${diagnostic.code} ${diagnostic.message} / ${diagnostic.help}`;
    }
    return 'no error';
  };

  it.each([
    '(a)\\1',
    '(?=a)b',
    'a(?<!b)',
    'a+?',
    'a++',
    '\\bfoo\\b',
    '[a',
    '[]',
    '[z-a]',
    '[\\d-z]',
    '(ab',
    'ab)',
    '*a',
    'a{3,1}',
    'a{,3}',
    'a{2000}',
    'a^b',
    'a$b',
    '^*',
    '\\q',
    '\\',
    '\\p{Nonsense}',
    '\\p',
    '\\u{110000}',
    '\\x4',
    '(?<n>a)',
    '😀😀]',
    '[\\b]',
  ])('%s', (pattern) => {
    expect(message(pattern)).toMatchSnapshot();
  });

  it('show a window of a long pattern', () => {
    expect(message('('.repeat(300))).toBe(
      `P304 bad regular expression r"…${'('.repeat(80)}…": \`(\` at character 202: ` +
        'groups are nested deeper than 200 / write a flatter pattern.',
    );
  });
});
