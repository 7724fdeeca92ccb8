import type { Chooser } from '@postulate/models';
import { describe, expect, it } from 'vitest';
import { exactEngine, type Draw, type Target } from '../../src/index.ts';
import fc from 'fast-check';
import { backoffTable, tokenMachine } from './arbitraries.ts';
import { solve } from './solve.ts';
import { chainTable, containsOf, countOf, factorOf, indicatorOf, modelOf, mustMap, targetOf } from './toys.ts';

const AB = ['a', 'b'];
const CHAIN = { '^': { a: 0.5, b: 0.3, $: 0.2 }, a: { a: 0.3, b: 0.4, $: 0.3 }, b: { a: 0.2, b: 0.5, $: 0.3 } };
const prior = modelOf(AB, chainTable(AB, CHAIN), 3);
const noBB = mustMap([containsOf(AB, 'bb')], 3, ([e]) => 1 - e);
const hybrid = targetOf(prior, [factorOf('exp(nb)', countOf(AB, 'b')), indicatorOf('noBB', noBB)]);
const textOf = (target: Target, d: Draw): string =>
  [...d.tokens].map((w) => target.prior.vocabulary.tokens[w]).join('');

/** Visits every path of a program that only chooses among finitely many things. */
async function everyPath<T>(program: (chooser: Chooser) => Promise<T>): Promise<readonly { value: T; mass: number }[]> {
  const results: { value: T; mass: number }[] = [];
  const queue: number[][] = [[]];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    let mass = 1;
    let depth = 0;
    const taken = [...path];
    const chooser: Chooser = {
      choose(logWeights) {
        const weights = Array.from(logWeights, Math.exp);
        const total = weights.reduce((a, b) => a + b, 0);
        if (depth === taken.length) {
          const open = weights.flatMap((w, i) => (w > 0 ? [i] : []));
          for (const i of open.slice(1)) queue.push([...taken, i]);
          taken.push(open[0]);
        }
        const index = taken[depth++];
        mass *= weights[index] / total;
        return index;
      },
      split: () => chooser,
    };
    results.push({ value: await program(chooser), mass });
  }
  return results;
}

async function drawWith(target: Target, chooser: Chooser, method: 'dp' | 'enumerate'): Promise<Draw> {
  let state = await exactEngine.init(
    target,
    { ...exactEngine.defaults, method },
    { draws: 1, budget: Infinity },
    chooser,
  );
  for (;;) {
    const step = await exactEngine.step(state, chooser);
    state = step.state;
    if (step.done) return (await exactEngine.finish(state)).draws[0];
  }
}

/** Upper 1e-6 point of χ² with `df` degrees of freedom (Wilson & Hilferty 1931). */
const critical = (df: number): number => df * (1 - 2 / (9 * df) + 4.7534 * Math.sqrt(2 / (9 * df))) ** 3;

function chiSquare(
  counts: ReadonlyMap<string, number>,
  support: readonly { text: string; probability: number }[],
  n: number,
) {
  let [sum, cells, pooledCount, pooledExpected] = [0, 0, 0, 0];
  for (const { text, probability } of support) {
    const [count, expected] = [counts.get(text) ?? 0, n * probability];
    if (expected < 5) {
      pooledCount += count;
      pooledExpected += expected;
      continue;
    }
    sum += (count - expected) ** 2 / expected;
    cells++;
  }
  if (pooledExpected >= 5) {
    sum += (pooledCount - pooledExpected) ** 2 / pooledExpected;
    cells++;
  }
  return { statistic: sum, df: Math.max(1, cells - 1) };
}

describe('draws', () => {
  for (const method of ['dp', 'enumerate'] as const) {
    it(`have exactly the posterior's probabilities on every path (${method})`, async () => {
      const { support } = await solve(hybrid, { method });
      const paths = await everyPath((chooser) => drawWith(hybrid, chooser, method));
      expect(Math.abs(paths.reduce((s, p) => s + p.mass, 0) - 1)).toBeLessThan(1e-12);
      for (const { text, probability } of support!) {
        const mass = paths.filter((p) => textOf(hybrid, p.value) === text).reduce((s, p) => s + p.mass, 0);
        expect(Math.abs(mass - probability)).toBeLessThan(1e-12);
      }
    });
  }

  it('carry the log-probability of the prior and the log factor', async () => {
    for (const method of ['dp', 'enumerate'] as const) {
      for (const d of (await solve(hybrid, { method }, 50)).draws) {
        const text = textOf(hybrid, d);
        let p = 1;
        [...text].forEach((c, i) => (p *= CHAIN[i === 0 ? '^' : (text[i - 1] as 'a')][c as 'a']));
        if (d.finished) p *= CHAIN[text === '' ? '^' : (text.at(-1) as 'a')].$;
        expect(d.logPrior).toBeCloseTo(Math.log(p), 12);
        expect(d.logFactor).toBe(text.split('b').length - 1);
        expect(d.finished).toBe(text.length < 3);
      }
    }
  });

  it('are the same for the same seed', async () => {
    const [a, b] = [await solve(hybrid, {}, 40, 's'), await solve(hybrid, {}, 40, 's')];
    expect(a.draws).toEqual(b.draws);
    expect((await solve(hybrid, {}, 40, 't')).draws).not.toEqual(a.draws);
  });

  // False-alarm rate 1e-6 for each table; seeds are fixed.
  it('follow the posterior on back-off tables by the sparse path', async () => {
    const cases = fc.sample(
      fc.tuple(
        fc.boolean().chain((i) => backoffTable(3, i)),
        tokenMachine(3, true),
      ),
      { seed: 7, numRuns: 25 },
    );
    let tested = 0;
    for (const [i, [table, machine]] of cases.entries()) {
      const target = targetOf(modelOf(['a', 'b', 'c'], table, 4), [factorOf('w', machine)]);
      const found = await solve(target, { method: 'dp' }, 3000, `draws ${i}`).catch(() => undefined);
      if (found === undefined) continue;
      const counts = new Map<string, number>();
      for (const d of found.draws) counts.set(textOf(target, d), (counts.get(textOf(target, d)) ?? 0) + 1);
      const possible = new Set(found.support!.map((s) => s.text));
      for (const text of counts.keys()) expect(possible.has(text)).toBe(true);
      const { statistic, df } = chiSquare(counts, found.support!, 3000);
      expect(statistic).toBeLessThan(critical(df));
      tested++;
    }
    expect(tested).toBeGreaterThan(15);
  });
});
