import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as special from '../../src/gates/special.ts';

const VALUES = JSON.parse(readFileSync(new URL('../../oracle/special.json', import.meta.url), 'utf8')) as Record<
  string,
  number[][]
>;

describe('special functions agree with SciPy', () => {
  const functions = special as unknown as Record<string, (...args: number[]) => number>;
  for (const [name, rows] of Object.entries(VALUES))
    it.each(rows)(`${name}: %d %d %d %d`, (...row) => {
      const expected = row.at(-1)!;
      const found = functions[name](...row.slice(0, -1));
      expect(Math.abs(found - expected)).toBeLessThanOrEqual(expected === 0 ? 1e-14 : 1e-10 * Math.abs(expected));
    });

  it('inverts the normal tail', () => {
    for (const tail of [1e-9, 0.025, 0.5, 0.8])
      expect(special.normalTail(special.normalQuantile(tail))).toBeCloseTo(tail, 12);
  });
});
