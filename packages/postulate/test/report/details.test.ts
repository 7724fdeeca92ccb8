import { describe, expect, it } from 'vitest';
import type { Details } from '@postulate/inference';
import type { Result } from '../../src/api/types.ts';
import { detailsText, parseDetails, withInfinities } from '../../src/run-folder/details-file.ts';

const details: Details = {
  logWeights: Float64Array.of(-Infinity, 0.1, NaN, Infinity),
  trace: [{ modelCalls: 3, draws: 1, ess: null, logZ: -Infinity, acceptanceRate: 0.5 }],
  ancestry: [
    {
      generations: [
        {
          parents: Int32Array.of(0, 0),
          tokens: Int32Array.of(2, -1),
          logWeights: Float64Array.of(0, -Infinity),
          resampled: true,
        },
      ],
      lastDeath: { factor: 'inf', prefix: '-inf' },
    },
  ],
  chains: {
    functionals: [{ name: 'inf', chains: [Float64Array.of(1, 2)], rHat: Infinity, bulkEss: null, tailEss: 3 }],
    acceptance: [{ suffix: 0.5 }],
  },
  bounds: { lower: null, upper: { value: -1, standardError: Infinity } },
};

const result = (more: Partial<Result>) => ({ details, ...more }) as Result;

describe('details of a run as a file', () => {
  it('come back as they were, typed arrays and numbers that are not finite too', () => {
    const names = { tokens: { 2: 'inf' }, separator: ' ' };
    const back = parseDetails(detailsText([result({ context: 'inf', names })]))!;
    expect(back).toEqual([{ context: 'inf', names, details }]);
    expect(back[0].details.logWeights).toBeInstanceOf(Float64Array);
    expect(back[0].details.ancestry![0].generations[0].tokens).toBeInstanceOf(Int32Array);
  });

  it('keep the first weights where there are too many, and how many there were', () => {
    const many = result({ details: { logWeights: new Float64Array(150_000) } });
    const [member] = parseDetails(detailsText([many]))!;
    expect(member.details.logWeights).toHaveLength(100_000);
    expect(member.weights).toBe(150_000);
  });

  it('are of a known format', () => {
    expect(parseDetails('{ "format": 2, "members": [] }')).toBeUndefined();
  });

  it('leave texts alone', () => {
    const document = { text: 'inf', tokens: ['inf'], logPrior: '-inf', expectations: { text: { value: 'inf' } } };
    expect(withInfinities(document)).toEqual({
      ...{ text: 'inf', tokens: ['inf'], logPrior: -Infinity },
      expectations: { text: { value: Infinity } },
    });
  });
});
