import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { run, type Target } from '@postulate/inference';
import { matchers, posteriors } from '../../src/index.ts';
import { targetOf } from '../pipeline.ts';
import { runs } from '../slow.ts';
import { CHAIN, LETTERS } from '../properties/programs.ts';

const never = (target: Target, pattern: RegExp) => matchers.toNeverProduce(target, pattern);

describe('posteriors()', () => {
  it('are well typed, and the exact engine gives their answers', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(posteriors(), async ({ source, logZ, meanLength, probabilities }) => {
        const found = await run(await targetOf(source, 'posterior'), { engine: 'exact', draws: 0 });
        expect(found.logZ?.value).toBeCloseTo(logZ, 9);
        expect(found.expectations['size']?.value).toBeCloseTo(meanLength, 9);
        const support = new Map(found.support!.map((s) => [s.text, s.probability]));
        expect(support.size).toBe(probabilities.size);
        for (const [text, p] of probabilities) expect(support.get(text)).toBeCloseTo(p, 9);
      }),
      { numRuns: runs(30, 500), seed: 11 },
    );
  });
});

describe('matchers', () => {
  let safe: Target;
  let unsafe: Target;
  beforeAll(async () => {
    safe = await targetOf(`${CHAIN}p = prior | not contains("damn", whole_word = true)\n`, 'p');
    unsafe = await targetOf(`${CHAIN}p = prior | length > 2\n`, 'p');
  });

  it('toNeverProduce finds a short text, also through a family', async () => {
    expect((await never(safe, /damn/)).pass).toBe(true);
    const found = await never(unsafe, /damn/);
    expect(found.pass).toBe(false);
    expect(found.message()).toMatch(/it can produce "(\w+ )*damn( \w+)*"/);
    const family = { targets: () => Promise.resolve([safe, unsafe]) };
    expect((await matchers.toNeverProduce(family, /damn/)).pass).toBe(false);
    await expect(matchers.toNeverProduce('safe', /x/)).rejects.toThrow(/expected a posterior/);
  });

  it('toSatisfyLaws holds for what is bound, and names the law that a broken factor breaks', async () => {
    const good = await matchers.toSatisfyLaws(safe, { texts: 60 });
    expect(good.message()).toBe('expected a law to be broken');
    expect(good.pass).toBe(true);
    const [stage] = unsafe.stages;
    const liar = { ...stage.factors[0], logWeights: () => new Float64Array(1000).map((_, i) => -i) };
    const broken: Target = { ...unsafe, stages: [{ ...stage, factors: [liar] }] };
    const bad = await matchers.toSatisfyLaws(broken, { texts: 60 });
    expect(bad.pass).toBe(false);
    expect(bad.message()).toContain('the machine agrees with the evaluator');
  });

  it('toAgreeAcrossEngines holds engines against each other', { timeout: 120_000 }, async () => {
    const target = await targetOf(`${LETTERS}size = length\nposterior = prior * exp(count("a"))\n`, 'posterior');
    const names = ['exact', 'rejection', 'importance'];
    const good = await matchers.toAgreeAcrossEngines(target, { engines: names, draws: 500 });
    expect(good.message()).toBe('expected engines to disagree');
    const tight = await matchers.toAgreeAcrossEngines(target, { engines: names, draws: 500, standardErrors: 1e-9 });
    expect(tight.pass).toBe(false);
    expect(tight.message()).toContain('standard errors apart');
    const lonely = await matchers.toAgreeAcrossEngines(target, { engines: ['exact'] });
    expect(lonely.message()).toContain('fewer than two engines');
  });

  it('plug into vitest', async () => {
    expect.extend(matchers);
    type Async = { toNeverProduce(pattern: RegExp): Promise<void> };
    await (expect(safe) as unknown as Async).toNeverProduce(/damn/);
    await expect((expect(unsafe) as unknown as Async).toNeverProduce(/damn/)).rejects.toThrow(/never to produce/);
  });
});
