import { compile } from '@postulate/dsl';
import { describe, expect, it } from 'vitest';
import { formatRows } from './support/row.ts';
import { median, rootMeanSquare } from './support/statistics.ts';
import { manyStatements } from './tasks/command.ts';

describe('the benchmark', () => {
  it('writes rows as a table without empty columns', () => {
    const table = formatRows([
      { task: 'A', what: 'exact', error: 1.23456e-12, tokensPerSecond: 2_345_678 },
      { task: 'B', what: 'importance', coverage: 0.9475, note: 'x' },
    ]);
    expect(table.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['task', 'what', 'error', 'covers', 'tokens/s', 'note'],
      ['A', 'exact', '1.23e-12', '2.35 M'],
      ['B', 'importance', '94.8%', 'x'],
    ]);
  });

  it('takes medians and root mean squares', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(rootMeanSquare([3, -4, 0, 0])).toBe(2.5);
  });

  it('checks a large file that has no errors', () => {
    const { diagnostics, program } = compile(manyStatements(2000), 'many.post', {});
    expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    expect(program.statements.length).toBe(2000);
  });
});
