import { describe, expect, it } from 'vitest';
import type { Chooser } from '@postulate/models';
import { enumerateTraces, expectation, multinomialGate, totalMass, zGate } from '../../../testing/src/index.ts';
import { callsPerToken, ESTIMATORS, seededChooser, type Restricted, type RestrictedSampler } from '../../src/index.ts';
import { DenseLaw } from '../../src/awrs/dense-law.ts';
import { wrongSamplers } from './wrong-samplers.ts';

interface Toy {
  readonly name: string;
  readonly law: readonly number[];
  readonly allowed: readonly number[];
}

const LAW = [0.1, 0.2, 0.3, 0.25, 0.15];
const TOYS: readonly Toy[] = [
  { name: 'two of five', law: LAW, allowed: [0, 2] },
  { name: 'all but one forbidden', law: LAW, allowed: [1] },
  { name: 'one forbidden', law: LAW, allowed: [0, 1, 3, 4] },
  { name: 'all allowed', law: LAW, allowed: [0, 1, 2, 3, 4] },
  { name: 'none allowed', law: LAW, allowed: [] },
  { name: 'halves', law: [0.5, 0.5], allowed: [0] },
  { name: 'ties', law: [0.25, 0.25, 0.25, 0.25], allowed: [1, 2] },
  { name: 'a token of no mass', law: [0, 0.5, 0.25, 0.25], allowed: [0, 2] },
  { name: 'one token', law: [1], allowed: [0] },
  { name: 'hardly any mass allowed', law: [1 - 1e-9, 0.75e-9, 0.25e-9], allowed: [1] },
];
const CAPS = [Infinity, 1, 2, 3, 6];

interface Drawn extends Restricted {
  readonly calls: number;
}

/** Runs a sampler on a toy along one path of choices, counting tests. */
function once({ law, allowed }: Toy, sampler: RestrictedSampler, maxRejects: number, chooser: Chooser): Drawn {
  let calls = 0;
  const ok = (token: number): boolean => {
    calls++;
    return allowed.includes(token);
  };
  const loaded = new DenseLaw(law.length).load(law.map(Math.log));
  return { ...sampler(loaded, ok, { maxRejects }, chooser), calls };
}

/** Largest |E[Ẑ 1{x = a}] − p(a) ok(a)| over the tokens, by all paths; the paths' missing mass counts too. */
async function largestError(toy: Toy, sampler: RestrictedSampler, maxRejects: number): Promise<number> {
  const traces = await enumerateTraces((chooser) => once(toy, sampler, maxRejects, chooser));
  const errors = toy.law.map((p, a) =>
    Math.abs(expectation(traces, (v) => (v.token === a ? v.mass : 0)) - (toy.allowed.includes(a) ? p : 0)),
  );
  return Math.max(Math.abs(totalMass(traces) - 1), ...errors);
}

describe.each(Object.entries(ESTIMATORS))('the %s estimator', (name, sampler) => {
  // A geometric count has as many outcomes as it takes for a tail of 1e-17: after a second reject they are too many to pair.
  const enumerable = ({ law, allowed }: Toy, cap: number): boolean =>
    name !== 'geometric' || cap < Infinity || law.length - allowed.length <= 1;
  const cells = TOYS.flatMap((toy) => CAPS.map((cap) => ({ toy, cap }))).filter(({ toy, cap }) => enumerable(toy, cap));

  it.each(cells)('weighs every token properly: $toy.name, at most $cap rejects', async ({ toy, cap }) => {
    expect(await largestError(toy, sampler, cap)).toBeLessThan(1e-12);
  });

  it('gives no token and no weight where none is allowed', () => {
    for (const cap of CAPS) {
      expect(once(TOYS[4], sampler, cap, seededChooser('none'))).toMatchObject({ token: -1, mass: 0 });
    }
  });

  it('gives up at the limit of rejects', () => {
    const toy = { name: '', law: [1e-300, 0.5, 0.5], allowed: [0] };
    const drawn = once(toy, sampler, 1, seededChooser('limit'));
    expect(drawn).toMatchObject({ token: -1, mass: 0, calls: 1 });
  });

  it('never tests a token twice', async () => {
    const tests = (chooser: Chooser): number => {
      const seen: number[] = [];
      const law = new DenseLaw(4).load([0.4, 0.3, 0.2, 0.1].map(Math.log));
      sampler(law, (token) => seen.push(token) > 0 && token === 2, { maxRejects: 6 }, chooser);
      return seen.length - new Set(seen).size;
    };
    for (const { value } of await enumerateTraces(tests)) expect(value).toBe(0);
  });

  it('draws from the law restricted, with a seeded chooser as with all paths', () => {
    // Tokens by weight: a resampled token has probability p(a)/m, here 1/4 and 3/4; the gate refuses at 1e-6.
    const chooser = seededChooser(`restricted ${name}`);
    const picked = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const { token, mass } = once(TOYS[0], sampler, Infinity, chooser);
      if (chooser.uniform!() < mass) picked.set(String(token), (picked.get(String(token)) ?? 0) + 1);
    }
    const restricted = new Map([
      ['0', 0.25],
      ['2', 0.75],
    ]);
    expect(multinomialGate(picked, restricted, { falseAlarm: 1e-6 })).toMatchObject({ passes: true });
  });
});

describe('estimators that only look right', () => {
  it.each(Object.entries(wrongSamplers))('%s fails the check', async (_, sampler) => {
    const errors = await Promise.all(TOYS.map((toy) => largestError(toy, sampler, Infinity)));
    expect(Math.max(...errors)).toBeGreaterThan(1e-3);
  });

  it('two continuations give 13/24 where 1/2 is right', async () => {
    const traces = await enumerateTraces((chooser) =>
      once(TOYS[5], wrongSamplers['two continuations'], Infinity, chooser),
    );
    expect(expectation(traces, (v) => v.mass)).toBeCloseTo(13 / 24, 13);
  });
});

describe('tests a token', () => {
  /** Published for the recursive estimator's reference implementation at 50,257 tokens. */
  const PUBLISHED = [
    [0.9, 2.1],
    [0.5, 3.1],
    [0.1, 13.4],
    [0.01, 90.1],
  ] as const;

  it.each(PUBLISHED)('at a valid mass of %d at most about %d', (validMass, calls) => {
    const size = { vocabularySize: 2000, laws: 60, draws: 25 };
    const chooser = seededChooser('calls per token');
    const found = callsPerToken({ ...size, validMass }, ESTIMATORS['recursive'], chooser);
    expect(found.calls - 3 * found.standardError).toBeLessThan(calls);
    // Unbiased: refused with probability 1e-6 where it is.
    const { relativeMass, relativeMassStandardError } = found;
    expect(zGate(relativeMass, relativeMassStandardError, 1, { falseAlarm: 1e-6 })).toMatchObject({ passes: true });
  });

  it('the recursive estimator asks the fewest', () => {
    const task = { vocabularySize: 500, validMass: 0.3, laws: 20, draws: 200 };
    const calls = Object.fromEntries(
      Object.entries(ESTIMATORS).map(([name, s]) => [name, callsPerToken(task, s, seededChooser('fewest')).calls]),
    );
    expect(calls['recursive']).toBeLessThan(calls['trace']);
    expect(calls['recursive']).toBeLessThan(calls['geometric']);
  });
});
