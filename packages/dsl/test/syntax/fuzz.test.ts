import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../testing/test/slow.ts';
import { format } from '../../src/format/format.ts';
import { parse } from '../../src/syntax/parse.ts';
import { printTokens } from '../../src/syntax/print-tokens.ts';
import { printTree } from '../../src/syntax/print-tree.ts';
import { sprinkled } from '../arbitraries/program.ts';

const times = (fast: number): { readonly numRuns: number; readonly seed: number } => ({
  numRuns: runs(fast, fast * 20),
  seed: 20260102,
});
const directory = new URL('../fixtures/', import.meta.url);
const programs = readdirSync(directory).map((name) => readFileSync(new URL(name, directory), 'utf8'));

/** Nothing throws, every place lies inside the text, and there is a layout exactly where there is no error. */
function survives(text: string): void {
  const parsed = parse(text, 't');
  for (const { span } of parsed.diagnostics) {
    if (span === undefined || span.start < 0 || span.end < span.start || span.end > text.length) {
      throw new Error(`a diagnostic points outside: ${JSON.stringify(parsed.diagnostics)}`);
    }
  }
  printTree(parsed.program);
  printTokens(parsed);
  const { value } = format(text, 't');
  expect(value === undefined).toBe(parsed.diagnostics.length > 0);
  if (value !== undefined) expect(format(value, 't').value).toBe(value);
}

it('survives any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), survives), times(1500));
  fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 60 }), survives), times(1500));
});

const WORDS =
  'import extern param context property forall in subject to if then else and or not implies true inf from as score event a b E ( ) [ ] { } , : = == <= < + - * / ^ | 1 .5 "s" r"x" " \' ; && ! /* */ // /// \\ \n β'.split(
    ' ',
  );

it('survives any soup of tokens', () => {
  const soup = fc
    .tuple(fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }), fc.array(fc.nat({ max: 15 }), { maxLength: 6 }))
    .map(([words, gaps]) => sprinkled(words, gaps));
  fc.assert(fc.property(soup, survives), times(4000));
});

it('survives mutated programs', () => {
  const mutation = fc.record({
    program: fc.constantFrom(...programs),
    edits: fc.array(fc.tuple(fc.nat(), fc.nat({ max: 8 }), fc.constantFrom(...WORDS, '')), {
      minLength: 1,
      maxLength: 4,
    }),
  });
  const mutate = (text: string, edits: readonly (readonly [number, number, string])[]): string =>
    edits.reduce((t, [at, length, word]) => {
      const start = at % (t.length + 1);
      return `${t.slice(0, start)}${word}${t.slice(start + length)}`;
    }, text);
  fc.assert(
    fc.property(mutation, ({ program, edits }) => survives(mutate(program, edits))),
    times(600),
  );
});

it('reads the unharmed programs without complaint', () => {
  for (const text of programs) expect(parse(text, 't').diagnostics).toEqual([]);
});
