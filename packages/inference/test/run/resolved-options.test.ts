import { describe, expect, it } from 'vitest';
import { importanceEngine } from '../../src/engines/importance/index.ts';
import { smcEngine } from '../../src/engines/smc/index.ts';
import { weightedDecodingEngine } from '../../src/engines/weighted-decoding/index.ts';
import { resolvedOptions } from '../../src/index.ts';

describe('the options that a run goes by', () => {
  it('are what is given over the defaults', () => {
    expect(resolvedOptions('smc', { particles: '30', pimh: 'true' })).toEqual({
      ...smcEngine.defaults,
      particles: 30,
      pimh: true,
    });
  });

  it('hold those of the engine that is proposed from', () => {
    const given = { proposal: 'weighted-decoding', 'proposal.strength': 0.5 };
    const theirs = Object.entries({ ...weightedDecodingEngine.defaults, strength: 0.5 });
    expect(resolvedOptions('importance', given)).toEqual({
      ...importanceEngine.defaults,
      proposal: 'weighted-decoding',
      ...Object.fromEntries(theirs.map(([name, value]) => [`proposal.${name}`, value])),
    });
  });

  it('are refused as the run would refuse them', () => {
    expect(() => resolvedOptions('smc', { partikles: 3 })).toThrow(/P602|no option "partikles"/);
    expect(() => resolvedOptions('smk', {})).toThrow(/no engine "smk"/);
  });
});
