import { describe, expect, it } from 'vitest';
import { canonicalTokenMachine } from '../../src/automata/canonical.ts';
import type { TokenMachine } from '../../src/port/token-machine.ts';
import { superfluousTokens } from './support.ts';

/** Three states in a ring, two token classes that do the same. */
const ring = (finalEnd: readonly number[], finalStop: readonly number[]): TokenMachine => ({
  vocabularySize: 3,
  states: 3,
  start: 0,
  classes: 2,
  classOf: Int32Array.of(1, 0, 1),
  next: Int32Array.of(1, 1, 2, 2, 0, 0),
  output: undefined,
  finalEnd: Float64Array.from(finalEnd),
  finalStop: Float64Array.from(finalStop),
});

describe('the canonical form', () => {
  it('keeps states apart that differ in one of the two finals alone', () => {
    expect(canonicalTokenMachine(ring([0, 0, 0], [0, 0, 0])).states).toBe(1);
    expect(canonicalTokenMachine(ring([0, 0, 1], [0, 0, 0])).states).toBe(3);
    expect(canonicalTokenMachine(ring([0, 0, 0], [0, 0, 1])).states).toBe(3);
  });

  it('merges token classes, and is a fixed point', () => {
    const once = canonicalTokenMachine(ring([1, 0, 0], [1, 0, 0]));
    expect([once.classes, superfluousTokens(once)]).toEqual([1, 0]);
    expect(canonicalTokenMachine(once)).toEqual(once);
  });
});
