import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { format } from '../../src/format/format.ts';
import { parse } from '../../src/syntax/parse.ts';
import { printTokens } from '../../src/syntax/print-tokens.ts';
import { printTree } from '../../src/syntax/print-tree.ts';

/** The tree of one binding's value, without its first line and indentation. */
function tree(expression: string): string {
  const { program, diagnostics } = parse(`a = ${expression}`, 't');
  expect(diagnostics).toEqual([]);
  const lines = printTree(program).trimEnd().split('\n').slice(1);
  return lines.map((l) => l.trim()).join(' · ');
}

it.each([
  ['1 + 2 * 3', 'binary + · number 1 · binary * · number 2 · number 3'],
  ['x - y - z', 'binary - · binary - · name x · name y · name z'],
  ['2 ^ 3 ^ 4', 'binary ^ · number 2 · binary ^ · number 3 · number 4'],
  ['-x ^ 2', 'negate · binary ^ · name x · number 2'],
  ['2 ^ -x ^ y * z', 'binary * · binary ^ · number 2 · negate · binary ^ · name x · name y · name z'],
  ['not x == y and z', 'binary and · not · comparison == · name x · name y · name z'],
  ['1 <= x < 2 == y', 'comparison <= < == · number 1 · name x · number 2 · name y'],
  ['x implies y implies z', 'binary implies · name x · binary implies · name y · name z'],
  ['x or y and z', 'binary or · name x · binary and · name y · name z'],
  ['d | x | y * z', 'given · name d · name x · binary * · name y · name z'],
  ['d | x subject to { P(y) = 1 }', 'subject to · given · name d · name x · moment P = · name y · number 1'],
  ['2 * if x then y else z + 1', 'binary * · number 2 · if · name x · name y · binary + · name z · number 1'],
  [
    'if x then y else d | e subject to { E(f) >= 1 }',
    'if · name x · name y · subject to · given · name d · name e · moment E >= · name f · number 1',
  ],
  ['f(x)(y, k = z)', 'call · call · name f · name x · name y · argument k · name z'],
  ['{ a: 1, "b c": [] }', 'record · entry "a" · number 1 · entry "b c" · list'],
  [
    'from + to + as + score + event',
    'binary + · binary + · binary + · binary + · name from · name to · name as · name score · name event',
  ],
  ['info + inf', 'binary + · name info · number inf'],
  ['"\\u{e9}\\n" == r"\\n"', 'comparison == · string "é\\n" · string "\\\\n"'],
])('reads %s', (expression, expected) => {
  expect(tree(expression)).toBe(expected);
});

it('reads statements on one line, on many lines, with CRLF and with a byte order mark', () => {
  const kinds = (text: string): readonly string[] => parse(text, 't').program.statements.map((s) => s.kind);
  expect(kinds('a = 1 b = a(2) c(x) = x param d = 3')).toEqual(['binding', 'binding', 'binding', 'param']);
  expect(kinds('\uFEFFa\r\n=\r\n1\r\n\r\nparam\r\nb\r\n= 2')).toEqual(['binding', 'param']);
  expect(parse('a = 1 b = a(2) c(x) = x param d = 3', 't').diagnostics).toEqual([]);
});

it('attaches doc comments only where they stand directly above', () => {
  const doc = (text: string): string | undefined => parse(text, 't').program.statements.at(-1)?.doc;
  expect(doc('/// one\n///   two\n  a = 1')).toBe('one\n  two');
  expect(doc('/// one\r\n/// two\r\na = 1')).toBe('one\ntwo');
  expect(doc('/// one\n\na = 1')).toBeUndefined();
  expect(doc('/// one\n// two\na = 1')).toBeUndefined();
  expect(doc('//// one\na = 1')).toBeUndefined();
  expect(doc('b = 1 /// one\na = 1')).toBeUndefined();
});

it('keeps the definitions around a broken statement', () => {
  const text = 'a = (1\nb = 2 +\nf(x) = x y\nparam p = [in (0, 1)\nproperty "q": ]\nc = 3';
  const names = parse(text, 't').program.statements.map((s) => ('name' in s ? s.name.name : s.kind));
  expect(names).toEqual(['a', 'b', 'f', 'p', 'property', 'c']);
});

const everything = readFileSync(new URL('../fixtures/everything.post', import.meta.url), 'utf8');

it('prints tokens and trees for people', () => {
  const parsed = parse(everything, 't');
  expect(parsed.diagnostics).toEqual([]);
  expect(printTokens(parse('a = "x" // y', 't'))).toBe(
    '0-1          name         "a"\n2-3          punctuation  "="\n4-7          string       "\\"x\\""\n8-12         comment      "// y"\n',
  );
  expect(printTree(parsed.program)).toMatchSnapshot();
});

it('lays out every construct', () => {
  expect(format(everything, 't').value).toMatchSnapshot();
});

it('gives no layout to a text with errors', () => {
  const { value, diagnostics } = format('a = (', 't');
  expect(value).toBeUndefined();
  expect(diagnostics.map((d) => d.code)).toEqual(['P002']);
});
