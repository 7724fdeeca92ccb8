import { describe, expect, it } from 'vitest';
import type { BoundFunction, BoundMoment, Factor } from '../../src/index.ts';
import { lengthMachine } from '../../src/index.ts';
import { fitOnMachines } from '../../src/moments/fit-machines.ts';
import { fitMoments } from '../../src/moments/index.ts';
import { chainTable, containsOf, countOf, functionOf, indicatorOf, modelOf, mustMap, targetOf } from '../exact/toys.ts';

const AB = ['a', 'b'];
const CHAIN = { '^': { a: 0.5, b: 0.3, $: 0.2 }, a: { a: 0.3, b: 0.4, $: 0.3 }, b: { a: 0.2, b: 0.5, $: 0.3 } };
const prior = modelOf(AB, chainTable(AB, CHAIN), 6);
const LIMITS = { maxStates: 20_000, maxMemoryMB: 100 };

const ranged = (f: BoundFunction, hi: number): BoundFunction => ({
  ...f,
  range: { lo: 0, hi, loOpen: false, hiOpen: false },
});
const nb = ranged(functionOf('nb', countOf(AB, 'b')), 6);
const size = ranged(functionOf('size', lengthMachine(2)), 6);
const hasA = ranged(functionOf('hasA', containsOf(AB, 'a'), 'event'), 1);
const noBB = indicatorOf(
  'noBB',
  mustMap([containsOf(AB, 'bb')], 6, ([e]) => 1 - e),
);
const moment = (f: BoundFunction, relation: '=' | '<=' | '>=', value: number): BoundMoment => ({
  function: f,
  relation,
  value,
});

async function fit(factors: readonly Factor[], moments: readonly BoundMoment[]): Promise<readonly number[]> {
  const steps = fitOnMachines({ name: 'p', prior, factors, named: [] }, moments, LIMITS);
  for (;;) {
    const { done, value } = await steps.next();
    if (done !== true) continue;
    if ('reason' in value) throw new Error(value.reason);
    return [...value];
  }
}

/** The same by the joint law of the functions' values, which is another computation. */
async function byTable(factors: readonly Factor[], moments: readonly BoundMoment[]): Promise<readonly number[]> {
  const fitted = await fitMoments(targetOf(prior, factors, [], moments));
  if ('reason' in fitted) throw new Error(fitted.reason);
  return fitted.lambda ?? [];
}

describe('moments fitted by derivatives of log Z', () => {
  it.each([
    ['one sum', [], [moment(size, '=', 3.5)]],
    ['one sum under an event', [noBB], [moment(nb, '=', 1.2)]],
    ['two sums and an event', [], [moment(size, '=', 3), moment(nb, '=', 1), moment(hasA, '=', 0.8)]],
    ['a slack inequality', [], [moment(size, '<=', 5)]],
    ['a tight inequality beside an equation', [noBB], [moment(size, '>=', 4), moment(hasA, '=', 0.9)]],
  ] as const)('%s', async (_, factors, moments) => {
    const [found, expected] = [await fit(factors, moments), await byTable(factors, moments)];
    found.forEach((l, i) => expect(Math.abs(l - expected[i])).toBeLessThan(1e-8 * (1 + Math.abs(expected[i]))));
  });

  it('says what cannot be reached', async () => {
    await expect(fit([], [moment(size, '=', 6)])).rejects.toThrow('out of reach');
    await expect(fit([], [moment(nb, '=', 3), moment(size, '=', 2)])).rejects.toThrow('P405');
  });

  it('stops when its caller does', async () => {
    const steps = fitOnMachines({ name: 'p', prior, factors: [], named: [] }, [moment(size, '=', 3.5)], LIMITS);
    await steps.next();
    await expect(steps.return({ reason: 'left' })).resolves.toEqual({ done: true, value: { reason: 'left' } });
  });
});
