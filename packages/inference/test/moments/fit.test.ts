import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BoundFunction, BoundMoment, Target } from '../../src/index.ts';
import { fitMoments, fitMomentsOnSample, fitOnTable, lengthMachine, logSumExp } from '../../src/index.ts';
import { solve } from '../exact/solve.ts';
import {
  chainTable,
  containsOf,
  countOf,
  factorOf,
  functionOf,
  indicatorOf,
  modelOf,
  mustMap,
  targetOf,
} from '../exact/toys.ts';

const AB = ['a', 'b'];
const CHAIN = { '^': { a: 0.5, b: 0.3, $: 0.2 }, a: { a: 0.3, b: 0.4, $: 0.3 }, b: { a: 0.2, b: 0.5, $: 0.3 } };
const prior = modelOf(AB, chainTable(AB, CHAIN), 3);
const hasB = functionOf('hasB', containsOf(AB, 'b'), 'event');
const hasA = functionOf('hasA', containsOf(AB, 'a'), 'event');
const nb = functionOf('nb', countOf(AB, 'b'));
const size = functionOf('size', lengthMachine(2));
const event = (name: string, f: (n: number) => boolean): BoundFunction =>
  functionOf(
    name,
    mustMap([lengthMachine(2)], 3, ([n]) => Number(f(n))),
    'event',
  );
const long = event('long', (n) => n >= 2);
const moment = (f: BoundFunction, relation: '=' | '<=' | '>=', value: number): BoundMoment => ({
  function: f,
  relation,
  value,
});
const under = (moments: readonly BoundMoment[], named: readonly BoundFunction[] = []): Target =>
  targetOf(prior, [], named, moments);

describe('moments of a posterior', () => {
  it('holds one event as the closed form says, around an exact factor too', async () => {
    const noBB = indicatorOf(
      'noBB',
      mustMap([containsOf(AB, 'bb')], 3, ([e]) => 1 - e),
    );
    const fitted = await solve(targetOf(prior, [noBB], [hasB], [moment(hasB, '=', 0.8)]));
    const base = 0.31 / 0.75;
    expect(fitted.lambda![0]).toBeCloseTo(Math.log(0.8 / 0.2) - Math.log(base / (1 - base)), 10);
    expect(fitted.expectations.hasB!.value).toBeCloseTo(0.8, 12);
  });

  it('fits additive scores by either method, and agrees', async () => {
    const moments = [moment(size, '=', 2), moment(nb, '=', 0.7)];
    const [a, b] = [
      await solve(under(moments, [size, nb]), { method: 'dp' }),
      await solve(under(moments, [size, nb]), { method: 'enumerate' }),
    ];
    for (const found of [a, b]) {
      expect(Math.abs(found.expectations.size!.value - 2)).toBeLessThan(2e-12);
      expect(Math.abs(found.expectations.nb!.value - 0.7)).toBeLessThan(1e-12);
      // KL(p || prior) = λ·m − log Z.
      const dual = found.lambda![0] * 2 + found.lambda![1] * 0.7 - found.logZ!.value;
      expect(found.klToPrior!.value).toBeCloseTo(dual, 11);
    }
    expect(a.lambda![0]).toBeCloseTo(b.lambda![0], 10);
  });

  it('keeps the weight of a slack inequality at 0 and gives a tight one its sign', async () => {
    const found = await solve(under([moment(size, '<=', 1.2), moment(hasA, '>=', 0.1)], [size, hasA]));
    expect(found.lambda![0]).toBeLessThan(0);
    expect(found.lambda![1]).toBe(0);
    expect(found.expectations.size!.value).toBeCloseTo(1.2, 12);
    expect(found.expectations.hasA!.value).toBeGreaterThan(0.1);
    expect((await solve(under([moment(size, '<=', 2.9)]))).lambda).toEqual([0]);
  });

  it('imposes the moments of an inner stage first', async () => {
    const inner = await solve(under([moment(hasB, '=', 0.8)]));
    const tilt = factorOf('exp(nb)', countOf(AB, 'b'));
    const target: Target = {
      ...under([]),
      named: [long],
      stages: [
        { factors: [], moments: [moment(hasB, '=', 0.8)] },
        { factors: [tilt], moments: [moment(long, '=', 0.9)] },
      ],
    };
    const found = await solve(target);
    expect(found.lambda![0]).toBe(inner.lambda![0]);
    expect(found.expectations.long!.value).toBeCloseTo(0.9, 12);
  });

  it('takes P(e) = 1 and P(e) = 0 for indicators', async () => {
    const found = await solve(under([moment(hasB, '=', 1), moment(long, '=', 0)], [hasB, long]));
    expect(found.lambda).toEqual([Infinity, -Infinity]);
    expect(found.expectations.hasB!.value).toBe(1);
    expect(found.expectations.long!.value).toBe(0);
    expect(found.logZ!.value).toBeCloseTo(Math.log(0.09), 12);
  });

  it('returns a target without moments for other engines', async () => {
    const fitted = await fitMoments(under([moment(hasB, '=', 0.8)]));
    if ('reason' in fitted) throw new Error(fitted.reason);
    expect(fitted.target.stages.map((s) => s.moments)).toEqual([[]]);
    expect(fitted.lambda![0]).toBeCloseTo(1.1451323043030044, 12);
    const aborted = AbortSignal.abort(new Error('stop'));
    await expect(fitMoments(under([moment(hasB, '=', 0.8)]), { signal: aborted })).rejects.toThrow('stop');
  });

  it('shares the weight of functions that say the same', async () => {
    const found = await solve(under([moment(hasB, '=', 0.8), moment(hasB, '=', 0.8)], [hasB]));
    expect(found.lambda![0] + found.lambda![1]).toBeCloseTo(1.1451323043030044, 9);
    expect(found.expectations.hasB!.value).toBeCloseTo(0.8, 12);
  });
});

describe('moments out of reach', () => {
  const message = async (moments: readonly BoundMoment[]): Promise<string> =>
    solve(under(moments)).then(
      () => 'none',
      (e: Error) => e.message,
    );

  it('says what one function can reach', async () => {
    expect(await message([moment(size, '=', 3)])).toMatch(
      /P405.*E\(size\) = 3 is out of reach.*between 0 and 3, both excluded/,
    );
    expect(await message([moment(size, '>=', 3.5)])).toMatch(/P405/);
    expect(await message([moment(size, '>=', 3)])).toMatch(/P405/);
    expect(await message([moment(nb, '<=', 0)])).toMatch(/P405/);
  });

  it('says what it can reach with the others', async () => {
    // A text with a "b" has at least one token, so E(size) ≥ P(hasB), and at most three.
    const found = await message([moment(hasB, '=', 0.8), moment(size, '=', 0.7)]);
    expect(found).toMatch(/P405.*with P\(hasB\) = 0.8, E\(size\) can be between 0.8 and 3, both excluded/);
    expect(await message([moment(hasB, '=', 0.8), moment(hasB, '=', 0.7)])).toMatch(/P405/);
    expect(await message([moment(hasB, '=', 0.8), moment(size, '=', 0.81)])).toBe('none');
  });

  it('is a zero mass where there was nothing to begin with', async () => {
    const nothing = indicatorOf(
      'never',
      mustMap([lengthMachine(2)], 3, () => 0),
    );
    await expect(solve(targetOf(prior, [nothing], [], [moment(hasB, '=', 0.5)]))).rejects.toThrow(/P403.*never/s);
  });
});

describe('fitting on a table', () => {
  it('meets the optimality conditions on random laws', async () => {
    const relation = fc.constantFrom('=' as const, '<=' as const, '>=' as const);
    const cases = fc.record({
      points: fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), {
        minLength: 6,
        maxLength: 12,
      }),
      weights: fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 12, maxLength: 12 }),
      mix: fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
      relations: fc.tuple(relation, relation),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ points, weights, mix, relations }) => {
        // A mean under weights on every point is inside what can be reached.
        const total = points.reduce((s, _, i) => s + mix[i], 0);
        const mean = [0, 1].map((j) => points.reduce((s, p, i) => s + (mix[i] / total) * p[j], 0));
        const goals = relations.map((r, j) => ({ name: `f${j}`, kind: 'score' as const, relation: r, value: mean[j] }));
        const logs = Float64Array.from(points, (_, i) => weights[i]);
        const lambda = await fitOnTable(Float64Array.from(points.flat()), logs, goals);
        const tilted = points.map((p, i) => logs[i] + lambda[0] * p[0] + lambda[1] * p[1]);
        const z = logSumExp(tilted);
        goals.forEach((g, j) => {
          const e = points.reduce((s, p, i) => s + Math.exp(tilted[i] - z) * p[j], 0);
          if (g.relation === '=' || lambda[j] !== 0) expect(Math.abs(e - g.value)).toBeLessThan(1e-11);
          else expect(g.relation === '<=' ? g.value - e : e - g.value).toBeGreaterThan(-1e-11);
          if (g.relation === '<=') expect(lambda[j]).toBeLessThanOrEqual(0);
          if (g.relation === '>=') expect(lambda[j]).toBeGreaterThanOrEqual(0);
        });
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('gives standard errors that shrink as the sample grows and match the closed form', async () => {
    const goals = [{ name: 'f', kind: 'event' as const, relation: '=' as const, value: 0.6 }];
    const fitOf = (n: number) =>
      fitMomentsOnSample(
        Float64Array.from({ length: n }, (_, i) => Number(i < 0.3 * n)),
        new Float64Array(n),
        goals,
      );
    for (const n of [100, 10_000]) {
      const { lambda, standardErrors } = await fitOf(n);
      expect(lambda[0]).toBeCloseTo(Math.log(0.6 / 0.4) - Math.log(0.3 / 0.7), 10);
      // λ = logit m − logit p̂, and the delta method gives sd(logit p̂) = 1 / √(n p (1 − p)).
      expect(standardErrors[0]).toBeCloseTo(1 / Math.sqrt(n * 0.3 * 0.7), 10);
    }
  });
});
