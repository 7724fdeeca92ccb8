import { expect, it } from 'vitest';
import { format } from '../../src/format/format.ts';
import { MAX_NESTING, MAX_TREE_DEPTH } from '../../src/syntax/limits.ts';
import { parse } from '../../src/syntax/parse.ts';
import { printTree } from '../../src/syntax/print-tree.ts';

const codes = (text: string): readonly string[] => [...new Set(parse(text, 't').diagnostics.map((d) => d.code))];

/** Ways to nest: what opens a level, what closes it. */
const NESTS: readonly (readonly [string, string])[] = [
  ['(', ')'],
  ['[', ']'],
  ['f(', ')'],
  ['{ a: ', ' }'],
  ['(1 + ', ')'],
  ['not ', ''],
  ['-', ''],
  ['2 ^ ', ''],
  ['x implies ', ''],
  ['if x then y else ', ''],
  ['if x then ', ' else y'],
  ['if ', ' then x else y'],
  ['d subject to { P(', ') = 1 }'],
];

it.each(NESTS)('accepts a little less than the limit of `%s…%s` and refuses more', (open, close) => {
  const nested = (n: number): string => `a = ${open.repeat(n)}x${close.repeat(n)}\nb = 1`;
  const within = nested(Math.floor(MAX_NESTING / (open.includes('P(') ? 2 : 1)));
  expect(codes(within)).toEqual([]);
  expect(format(within, 't').value).toBeDefined();
  printTree(parse(within, 't').program);
  for (const n of [MAX_NESTING + 1, 10_000]) {
    expect(codes(nested(n))).toEqual(['P004']);
    expect(parse(nested(n), 't').program.statements).toHaveLength(2);
  }
});

it('limits chains of operators and calls by the depth of their tree', () => {
  for (const link of [' + x', ' or x', '(x)']) {
    expect(codes(`a = x${link.repeat(MAX_TREE_DEPTH - 1)}`)).toEqual([]);
    expect(codes(`a = x${link.repeat(MAX_TREE_DEPTH)}`)).toEqual(['P004']);
  }
  expect(codes(`a = x${' | x'.repeat(20_000)}`)).toEqual([]);
  expect(codes(`a = x${' < x'.repeat(20_000)}`)).toEqual([]);
});

it('survives brackets that never close', () => {
  for (const open of ['(', '[', '{', 'f(', 'if ', 'if a ', ')', '[('])
    expect(codes(`a = ${open.repeat(20_000)}`)).not.toEqual([]);
});

it('reads megabytes of any one thing', () => {
  const million = 1_000_000;
  expect(codes(`a = "${'\\n'.repeat(million)}"`)).toEqual([]);
  expect(codes(`a = "${'\\n'.repeat(million)}`)).toEqual(['P003']);
  expect(codes(`/*${'* '.repeat(million)}`)).toEqual(['P003']);
  expect(codes(`a = ${'1'.repeat(million)}`)).toEqual(['P005']);
  expect(codes(`a = [${'1, '.repeat(100_000)}1]`)).toEqual([]);
  expect(codes(`a = ${'('.repeat(10 * million)}`)).toEqual(['P004']);
  expect(codes('β'.repeat(million))).toEqual(['P001']);
  expect(codes('β§'.repeat(million / 10))).toEqual(['P001']);
});

it('stops complaining after a thousand errors', () => {
  expect(parse(';'.repeat(5000), 't').diagnostics).toHaveLength(1000);
});
