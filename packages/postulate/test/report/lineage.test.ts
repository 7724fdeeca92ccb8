import { describe, expect, it } from 'vitest';
import { lineageOf, type Lineage } from '../../src/report/lineage.ts';

const generation = (parents: number[], tokens: number[], logWeights: number[], resampled = false) => ({
  parents: Int32Array.from(parents),
  tokens: Int32Array.from(tokens),
  logWeights: Float64Array.from(logWeights),
  resampled,
});

const shape = (n: Lineage): unknown => [n.token, n.particles, n.survivors, n.dead, n.children.map(shape)];

describe('the family tree of a run', () => {
  it('joins equal prefixes, counts who is left, and marks the dead', () => {
    const run = {
      generations: [
        // Three particles: two draw token 5, one draws 7 and dies.
        generation([0, 1, 2], [5, 5, 7], [0, 0, -Infinity], true),
        // All three descend from the first.
        generation([0, 0, 0], [1, 1, 2], [0, 0, 0]),
      ],
    };
    expect(shape(lineageOf(run))).toEqual([
      -1,
      3,
      3,
      false,
      [
        [
          5,
          2,
          3,
          false,
          [
            [1, 2, 2, false, []],
            [2, 1, 1, false, []],
          ],
        ],
        [7, 1, 0, true, []],
      ],
    ]);
  });
});
