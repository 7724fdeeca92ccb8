import { positionAt } from '@postulate/graph';
import { describe, expect, it } from 'vitest';
import { parse } from '../../src/syntax/parse.ts';

/** Diagnostics as `line:column code message`, with help and fix below. */
function messages(text: string): readonly string[] {
  return parse(text, 't').diagnostics.map((d) => {
    const { line, column } = positionAt(text, d.span?.start ?? 0);
    const fix = d.fix === undefined ? '' : ` {${d.fix.title}}`;
    return `${line}:${column} ${d.code} ${d.message}${fix}`;
  });
}

describe('P001: characters and spellings of other languages', () => {
  it.each([
    [
      'a = x && y || !z',
      [
        '1:7 P001 `&&` is not an operator of this language; write `and` {write `and`}',
        '1:12 P001 `||` is not an operator of this language; write `or` {write `or`}',
        '1:15 P001 `!` is not an operator of this language; write `not` {write `not`}',
      ],
    ],
    [
      'β = 0.5\na = exp(r/β)',
      [
        '1:1 P001 `β` is not a name: names are made of the letters A to Z, digits and `_` {write `beta`}',
        '2:11 P001 `β` is not a name: names are made of the letters A to Z, digits and `_` {write `beta`}',
      ],
    ],
    ["a = count('x')", ['1:11 P001 strings are written with double quotes, found `\'` {write "x"}']],
    ['a = 1;\nb = 2', ['1:6 P001 statements are not separated by `;` here; a new line is enough {remove `;`}']],
    [
      'a = 2 ^^ 3 % 4',
      [
        '1:7 P001 `^^` is not an operator of this language; write `^` {write `^`}',
        '1:12 P001 `%` is not an operator of this language',
      ],
    ],
    ['a = b ? c', ['1:7 P001 unexpected character `?`']],
    ['a = x ≤ y', ['1:7 P001 unexpected character `≤`']],
    ['a = “x”', ['1:5 P001 unexpected character `“`', '1:7 P001 unexpected character `”`']],
    [
      'naïve = 1',
      ['1:1 P001 `naïve` is not a name: names are made of the letters A to Z, digits and `_` {write `naive`}'],
    ],
    ['a = b & c', ['1:7 P001 `&` is not an operator of this language; write `and` {write `and`}']],
    ['a = b === c', ['1:7 P001 `===` is not an operator of this language; write `==` {write `==`}']],
    ["a = '", ["1:5 P001 unexpected character `'`: strings are written with double quotes"]],
  ])('%j', (text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});

describe('P001: what newcomers from elsewhere write', () => {
  it.each([
    ['# a comment', 'a comment begins with `//`'],
    ['d ~ prior', 'write `=`'],
    ['d ∝ prior', 'write `=`'],
    ['a = b ? c', 'write `if … then … else …`'],
    ['a = x ≤ y', 'write `<=`'],
  ])('%j is helped by %j', (text, help) => {
    expect(parse(text, 't').diagnostics.find((d) => d.code === 'P001')?.help).toBe(help);
  });
});

describe('P002: what was expected and what was found', () => {
  it.each([
    ['a = ', ['1:3 P002 expected a value after `=`, found the end of the file']],
    ['a = 1 +\nb = 2', ['1:7 P002 expected a value after `+`, found a new statement, `b …`']],
    ['a = x = 3', ['1:7 P002 expected an operator or a new statement, found `=` {write `==`}']],
    [
      'a = f(1, , 2)\nb = ]\nc = [1, 2',
      [
        '1:10 P002 expected a value, found `,`',
        '2:5 P002 unexpected `]`: no bracket is open here',
        '3:5 P002 `[` is never closed: expected `]`, found the end of the file',
      ],
    ],
    ['a = (1\nb = 2', ['1:5 P002 `(` is never closed: expected `)`, found a new statement, `b …`']],
    ['a = f(1]', ['1:8 P002 expected `)`, found `]`']],
    ['a = f([1, 2)', ['1:7 P002 `[` is never closed: expected `]`, found `)`']],
    ['a = [1, 2,]', ['1:10 P002 expected a value after `,`, found `]` {remove the comma}']],
    [
      'a = f(x y, z w)',
      [
        '1:9 P002 expected an operator, `,` or `)`, found the name `y`',
        '1:14 P002 expected an operator, `,` or `)`, found the name `w`',
      ],
    ],
    ['b contains("x")\nc = 2', ['1:3 P002 expected `=`, found the name `contains`']],
    [
      'a = 1\nb contains("x")\nc = 2 3',
      [
        '2:3 P002 expected `=`, found the name `contains`',
        '3:7 P002 expected an operator or a new statement, found the number `3`',
      ],
    ],
    [
      'a b c',
      [
        '1:3 P002 expected `=`, found the name `b`',
        '1:5 P002 expected an operator or a new statement, found the name `c`',
      ],
    ],
    ['(1)', ['1:1 P002 expected a statement, such as `name = value`, found `(`']],
    ['= 3', ['1:1 P002 expected a statement, such as `name = value`, found `=`']],
    ['a == 3', ['1:3 P002 expected `=`, found `==` {write `=`}']],
    ['a: 3', ['1:2 P002 expected `=`, found `:`']],
    ['f() = 3', ['1:2 P002 expected a parameter, found `()`']],
    ['a = 1 < not b', ['1:9 P002 expected a value, found `not`']],
    ['a = 5 x', ['1:7 P002 expected an operator or a new statement, found the name `x`']],
    ['a = 3 in (0, 1)', ['1:7 P002 expected an operator or a new statement, found `in`']],
    [
      'a = True\nb = False',
      ['1:5 P002 `True` is written `true` {write `true`}', '2:5 P002 `False` is written `false` {write `false`}'],
    ],
  ])('%j', (text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});

describe('P002: words that are reserved', () => {
  it.each([
    ['param if = 3', ['1:7 P002 `if` is a reserved word and cannot be a name']],
    ['then = 3', ['1:1 P002 `then` is a reserved word and cannot be a name']],
    ['a = f(in = 3)', ['1:7 P002 `in` is a reserved word and cannot be a name']],
    ['property = 1', ['1:1 P002 `property` is a reserved word and cannot be a name']],
    ['import { context } from "x"', ['1:10 P002 `context` is a reserved word and cannot be a name']],
  ])('%j', (text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});

describe('P002: conditionals', () => {
  it.each([
    ['a = if b then c', ['1:5 P002 this `if` has no `else`: expected `else`, found the end of the file']],
    ['a = if b then c\nd = 1', ['1:5 P002 this `if` has no `else`: expected `else`, found a new statement, `d …`']],
    ['a = f(if b then c, d)', ['1:7 P002 this `if` has no `else`: expected `else`, found `,`']],
    ['a = if b else c', ['1:5 P002 this `if` has no `then`: expected `then`, found `else`']],
    ['a = if x = 3 then 1 else 2', ['1:10 P002 expected an operator or `then`, found `=` {write `==`}']],
    ['a = b then c', ['1:7 P002 `then` without its `if`']],
    ['a = b else c', ['1:7 P002 `else` without its `if`']],
    ['a = if then 1 else 2', ['1:8 P002 expected a value, found `then`']],
  ])('%j', (text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});

describe('P002: statements', () => {
  it.each([
    ['import a from "x"', ['1:8 P002 expected `{`, found the name `a`']],
    ['import { a } "x"', ['1:14 P002 expected `from`, found the string "x"']],
    ['import { a b } from "x"', ['1:12 P002 expected `as`, `,` or `}`, found the name `b`']],
    ['extern foo from "x"', ['1:8 P002 expected `score` or `event`, found the name `foo`']],
    ['extern score f "x"', ['1:16 P002 expected `from`, found the string "x"']],
    ['param a 3', ['1:9 P002 expected `=`, found the number `3`']],
    ['param a = 3 in (0)', ['1:16 P002 expected two bounds, as in `(0, inf)`, found 1']],
    ['param a = 3 in (0 1)', ['1:19 P002 expected an operator, `,` or the end of the range, found the number `1`']],
    ['param a = 3 in {0}', ['1:16 P002 expected a range, such as `(0, inf)` or `[0, 1]`, found `{`']],
    ['param = 3', ['1:1 P002 `param` is a reserved word and cannot be a name']],
    ['context c = lines("x")', ['1:11 P002 expected `in`, found `=`']],
    ['property x: y', ['1:10 P002 expected a string, found the name `x`']],
    ['property "x" forall x: true', ['1:14 P002 expected `:`, found `forall`']],
    ['property "x": forall : true', ['1:22 P002 expected a name, found `:`']],
    ['forall x: y', ['1:1 P002 expected a statement, such as `name = value`, found `forall`']],
    ['x = d subject { P(e) = 1 }', ['1:15 P002 expected `to`, found `{`']],
    [
      'x = d subject to { P(e) == 1, Q(e) < 2, E(x) }',
      [
        '1:25 P002 expected `=`, `<=` or `>=`, found `==` {write `=`}',
        '1:31 P002 expected `E` or `P`, found the name `Q`',
        '1:36 P002 expected `=`, `<=` or `>=`, found `<` {write `<=`}',
        '1:46 P002 expected `=`, `<=` or `>=`, found `}`',
      ],
    ],
    ['x = d subject to { }', ['1:20 P002 expected a name, found `}`']],
    ['a = { b = 3 }', ['1:9 P002 expected `:`, found `=` {write `:`}']],
    ['a = { 1: 3 }', ['1:7 P002 expected a key (a name or a string), found the number `1`']],
  ])('%j', (text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});

describe('P003: strings and comments without an end', () => {
  it.each([
    ['a = "abc\nb = 2', ['1:5 P003 this string is never closed: expected `"` before the end of the line']],
    ['a = r"abc\nb = 2', ['1:5 P003 this string is never closed: expected `"` before the end of the line']],
    ['a = 1 /* x', ['1:7 P003 this comment is never closed: expected `*/`, found the end of the file']],
    ['/* x\na = 1', ['1:1 P003 this comment is never closed: expected `*/`, found the end of the file']],
  ])('%j', (text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});

describe('P005: numbers and escapes', () => {
  it.each([
    [
      'a = 1.\nb = .5\nc = 1e',
      [
        '1:5 P005 `1.` is not a number: expected a digit after the point {write `1`}',
        '2:5 P005 `.5` is not a number: expected a digit before the point {write `0.5`}',
        '3:5 P005 `1e` is not a number: expected digits after the exponent sign `e` {write `1`}',
      ],
    ],
    ['a = 1_000', ['1:5 P005 `1_000` is not a number: digits are not grouped by `_` {write `1000`}']],
    ['a = 0x1F', ['1:5 P005 `0x1F` is not a number: numbers are decimal here {write `31`}']],
    [
      'a = 2x',
      [
        '1:5 P005 `2x` is not a number: a name cannot start with a digit, and an operator is needed between a number and a name',
      ],
    ],
    ['a = 1.2.3', ['1:5 P005 `1.2.3` is not a number: it has more than one point or exponent']],
    ['a = 1e999', ['1:5 P005 `1e999` is too large for a number; the largest is about 1.8e308']],
    [
      'a = "\\q \\u{110000} \\u \\u{d800}"',
      [
        '1:6 P005 `\\q` is not an escape of this language: expected \\n, \\t, \\", \\\\ or \\u{…}',
        '1:9 P005 `\\u{110000}` is not a Unicode code point: expected 1 to 6 hexadecimal digits, not a surrogate',
        '1:20 P005 expected `{` and a hexadecimal code point after `\\u`, as in `\\u{e9}`',
        '1:23 P005 `\\u{d800}` is not a Unicode code point: expected 1 to 6 hexadecimal digits, not a surrogate',
      ],
    ],
  ])('%j', (text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});

describe('P006: keys and arguments twice', () => {
  it.each([
    ['a = { a: 1, "a": 2 }', ['1:13 P006 the key `a` is in this record already']],
    ['a = f(x = 1, x = 2)', ['1:14 P006 the argument `x` is given already']],
  ])('%j', (text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});

describe('P007: not a text', () => {
  it.each([
    ['a = 1\u0000', ['1:6 P007 expected a text in UTF-8, found a NUL byte: is this a .post file?']],
    [
      '\u0001\u0002\u0003��',
      ['1:1 P007 expected a text in UTF-8, found bytes that are not UTF-8 text: is this a .post file?'],
    ],
  ])('%j', (text, expected) => {
    expect(messages(text)).toEqual(expected);
  });
});
