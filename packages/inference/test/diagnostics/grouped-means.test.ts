import { describe, expect, it } from 'vitest';
import { groupedMeans, normaliseWeights, weightedMean } from '../../src/diagnostics/index.ts';
import { seededChooser } from '../../src/index.ts';

describe('means within groups', () => {
  const { uniform } = seededChooser('groups');
  const size = 60;
  const groups = 9;
  const group = Int32Array.from({ length: size }, () => Math.floor(uniform!() * (groups - 1)));
  const logWeights = Float64Array.from({ length: size }, () => 40 * uniform!() - 20);
  const values = Float64Array.from({ length: size }, () => 1e6 * uniform!() - 5e5);
  const someInfinite = values.map((v, i) => (i === 7 ? -Infinity : v));

  it('are those of each group alone, to the last bit', () => {
    const means = groupedMeans(group, groups, logWeights, [values, someInfinite]);
    for (let g = 0; g < groups; g++) {
      const rows = [...group.keys()].filter((i) => group[i] === g);
      const weights = normaliseWeights(Float64Array.from(rows, (i) => logWeights[i]));
      [values, someInfinite].forEach((column, c) => {
        const alone = weightedMean(
          weights,
          Float64Array.from(rows, (i) => column[i]),
        );
        expect(means[c][g]).toBe(rows.length === 0 ? 0 : alone);
      });
    }
    expect(means[1][group[7]]).toBe(-Infinity);
    expect(means[0][groups - 1]).toBe(0);
  });
});
