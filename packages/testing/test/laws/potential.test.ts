import type { Factor } from '@postulate/inference';
import { describe, expect, it } from 'vitest';
import { functionLaws, potentialLaws, type LawReport, type PotentialLawOptions } from '../../src/index.ts';
import { COUNT_B, machineFactor, machineFunction, NO_BB, toyModel } from './toy.ts';

const broken = (reports: readonly LawReport[]) => reports.filter((r) => !r.holds).map((r) => r.law);
const check = async (factor: Factor, options?: PotentialLawOptions) =>
  broken(await potentialLaws(factor, toyModel(), options));
const boolean = new Set(['completeScore', 'regular', 'boolean'] as const);
const parts = (w: number) => [0, 1].map(() => ({ weight: w, machine: () => COUNT_B }));

describe('potentialLaws', () => {
  it('hold for right factors', async () => {
    expect(await check(machineFactor(COUNT_B, { logUpperBound: 4 }))).toEqual([]);
    expect(await check(machineFactor(NO_BB, { capabilities: boolean, logUpperBound: 0 }))).toEqual([]);
    expect(await check(machineFactor(COUNT_B, { parts: parts(0.5) }))).toEqual([]);
    const dead = (prefix: Int32Array) => (prefix.join('').includes('11') ? -Infinity : 0);
    expect(await check(machineFactor(NO_BB, { capabilities: boolean }), { prefixLogWeight: dead })).toEqual([]);
  });

  const mistakes: readonly (readonly [string, Factor, string, PotentialLawOptions?])[] = [
    ['a bound that one text passes', machineFactor(COUNT_B, { logUpperBound: 3 }), 'the bound holds'],
    ['a soft factor called boolean', machineFactor(COUNT_B, { capabilities: boolean }), 'boolean is 0 or -inf'],
    ['another machine', machineFactor(COUNT_B, { machine: () => NO_BB }), 'the machine agrees with the evaluator'],
    ['an infinite weight', machineFactor(COUNT_B, { logWeights: (b) => new Float64Array(b.size).fill(Infinity) }), 'log-weights are below +inf'],
    ['not a number', machineFactor(COUNT_B, { logWeights: (b) => new Float64Array(b.size).fill(NaN) }), 'log-weights are below +inf'],
    ['parts that add up to half', machineFactor(COUNT_B, { parts: parts(0.25) }), 'the parts add up to the factor'],
    ['values that depend on the place', machineFactor(COUNT_B, { logWeights: (b) => Float64Array.from({ length: b.size }, (_, i) => i) }), 'a value does not depend on the batch around it'],
    ['a live prefix called dead', machineFactor(NO_BB), 'a prefix is called dead only where no continuation survives', { prefixLogWeight: (p) => (p.includes(1) ? -Infinity : 0) }],
  ]; // prettier-ignore
  for (const [name, factor, law, options] of mistakes)
    it(`catch ${name}`, async () => {
      expect(await check(factor, options)).toContain(law);
    });

  it('catch a factor that throws', async () => {
    const factor = machineFactor(COUNT_B, {
      logWeights: () => {
        throw new Error('P700 here');
      },
    });
    const [first] = await potentialLaws(factor, toyModel());
    expect(first).toMatchObject({ holds: false, counterexample: 'Error: P700 here' });
  });
});

describe('functionLaws', () => {
  it('hold for a right score and catch a narrow range and an event of value 2', async () => {
    expect(broken(await functionLaws(machineFunction(COUNT_B), toyModel()))).toEqual([]);
    const narrow = { range: { lo: 0, hi: 3, loOpen: false, hiOpen: false } };
    expect(broken(await functionLaws(machineFunction(COUNT_B, narrow), toyModel()))).toEqual([
      'values are in the range',
    ]);
    expect(broken(await functionLaws(machineFunction(COUNT_B, { kind: 'event' }), toyModel()))).toEqual([
      'events are 0 or 1',
    ]);
  });
});
