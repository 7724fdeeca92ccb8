import { describe, expect, it } from 'vitest';
import { folded } from '../../src/report/lineage-drawing.ts';
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

describe('the drawing of a family tree', () => {
  const leaf = (token: number, particles: number, dead = false): Lineage => ({
    ...{ generation: 1, token, particles, dead, children: [], survivors: dead ? 0 : particles },
  });
  const root = (children: readonly Lineage[]): Lineage => ({
    ...{ generation: 0, token: -1, dead: false, children },
    particles: children.reduce((n, c) => n + c.particles, 0),
    survivors: children.reduce((n, c) => n + c.survivors, 0),
  });

  it('is whole where it fits', () => {
    const drawn = folded(root(Array.from({ length: 48 }, (_, i) => leaf(i, 1))));
    expect([drawn.children.length, drawn.more]).toEqual([48, 0]);
  });

  it('folds what there is no room for into one row, with how many died there', () => {
    const small = Array.from({ length: 60 }, (_, i) => leaf(i + 2, 1, i >= 53));
    const drawn = folded(root([leaf(0, 5), leaf(1, 3), ...small]));
    expect(drawn.children).toHaveLength(47);
    expect([drawn.more, drawn.moreDied]).toEqual([15, 7]);
  });

  it('gives branches with more particles more rows', () => {
    const branch = (particles: number): Lineage => root(Array.from({ length: particles }, (_, i) => leaf(i, 1)));
    const drawn = folded(root([branch(60), branch(20), branch(1)]));
    const rows = drawn.children.map((c) => c.children.length + (c.more > 0 ? 1 : 0));
    expect(rows).toEqual([35, 12, 1]);
  });

  it('stops where a text has ended, with those who are there at the end', () => {
    const waiting = { ...leaf(-1, 4), generation: 2 };
    const drawn = folded(root([{ ...leaf(3, 2), survivors: 4, children: [waiting] }]));
    expect(drawn.children[0]).toMatchObject({ children: [], particles: 4, survivors: 4, token: 3 });
  });
});
