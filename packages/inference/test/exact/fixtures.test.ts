import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { finishedMachine, lengthMachine, type Factor, type Target } from '../../src/index.ts';
import type { LanguageModel } from '@postulate/models';
import { solve } from './solve.ts';
import {
  chainTable,
  containsOf,
  countOf,
  factorOf,
  functionOf,
  indicatorOf,
  matchesOf,
  modelOf,
  mustMap,
  opaqueFactor,
  targetOf,
  type Chain,
} from './toys.ts';

interface Answer {
  readonly logZ: number | null;
  readonly entropy: number;
  readonly klToPrior: number;
  readonly expectations: Readonly<Record<string, number>>;
  readonly lambda?: readonly number[];
  readonly support?: Readonly<Record<string, number>>;
}

const answers = (file: string): Record<string, Answer> =>
  JSON.parse(readFileSync(new URL(`../../../testing/fixtures/${file}.json`, import.meta.url), 'utf8')) as Record<
    string,
    Answer
  >;

const AB = ['a', 'b'];
const CHAIN: Chain = { '^': { a: 0.5, b: 0.3, $: 0.2 }, a: { a: 0.3, b: 0.4, $: 0.3 }, b: { a: 0.2, b: 0.5, $: 0.3 } };
const OTHER: Chain = { '^': { a: 0.2, b: 0.2, $: 0.6 }, a: { a: 0.1, b: 0.6, $: 0.3 }, b: { a: 0.7, b: 0.1, $: 0.2 } };
const prior = modelOf(AB, chainTable(AB, CHAIN), 3);
const other = modelOf(AB, chainTable(AB, OTHER), 3);
const long = modelOf(AB, chainTable(AB, CHAIN), 12);

const b = countOf(AB, 'b');
const nb = functionOf('nb', b);
const size = functionOf('size', lengthMachine(2));
const noBB = mustMap([containsOf(AB, 'bb')], 3, ([e]) => 1 - e);
const tilt = (k: number): Factor =>
  factorOf(
    'exp(nb)',
    mustMap([b], 3, ([n]) => k * n),
  );
const additiveTilt = (k: number): Factor => factorOf('exp(nb)', { ...b, output: b.output!.map((o) => k * o) });
const hasB = functionOf('hasB', containsOf(AB, 'b'), 'event');
const twoOrMore = functionOf(
  'long',
  mustMap([lengthMachine(2)], 3, ([n]) => (n >= 2 ? 1 : 0)),
  'event',
);

const votes = [
  b,
  { ...lengthMachine(2), output: Float64Array.of(0.5) },
  mustMap([containsOf(AB, 'ab')], 3, ([e]) => 2 * e),
];
const mean = (v: readonly number[]): number => v.reduce((s, x) => s + x, 0) / v.length;
const sd = (v: readonly number[]): number => Math.sqrt(mean(v.map((x) => (x - mean(v)) ** 2)));

/** mean(exp(votes)): a sum of exponentials, each with a machine. */
const marginal: Factor = {
  ...opaqueFactor('mean(exp(votes))', () => 0),
  logWeights: (batch) =>
    Float64Array.from({ length: batch.size }, (_, i) => {
      const text = batch.text(i);
      return Math.log(mean([text.split('b').length - 1, 0.5 * text.length, text.includes('ab') ? 2 : 0].map(Math.exp)));
    }),
  parts: votes.map((machine) => ({ weight: 1 / 3, machine: () => machine })),
};

const blend: LanguageModel = {
  ...modelOf(AB, chainTable(AB, CHAIN), 3),
  table: undefined,
  components: [
    { model: prior, weight: 0.3 },
    { model: other, weight: 0.7 },
  ],
};

const POSTERIORS: readonly (readonly [string, string, Target])[] = [
  ['hard', 'posterior', targetOf(prior, [indicatorOf('noBB', noBB)], [nb, size])],
  ['soft', 'posterior', targetOf(prior, [tilt(1)], [nb, size])],
  ['soft', 'posterior', targetOf(prior, [additiveTilt(1)], [nb, size])],
  ['soft', 'posterior --set beta=0.5', targetOf(prior, [additiveTilt(2)], [nb, size])],
  ['hybrid', 'posterior', targetOf(prior, [additiveTilt(1), indicatorOf('noBB', noBB)], [nb, size])],
  ['moments', 'one', targetOf(prior, [], [hasB, twoOrMore], [{ function: hasB, relation: '=', value: 0.8 }])],
  [
    'moments',
    'two',
    targetOf(
      prior,
      [],
      [hasB, twoOrMore],
      [
        { function: hasB, relation: '=', value: 0.8 },
        { function: twoOrMore, relation: '=', value: 0.5 },
      ],
    ),
  ],
  ['uncertain', 'pooled', targetOf(prior, [factorOf('mean', mustMap(votes, 3, mean))], [nb])],
  [
    'uncertain',
    'cautious',
    targetOf(
      prior,
      [
        factorOf(
          'lower',
          mustMap(votes, 3, (v) => mean(v) - 1.5 * sd(v)),
        ),
      ],
      [nb],
    ),
  ],
  ['uncertain', 'marginal', targetOf(prior, [marginal], [nb])],
  ['algebra', 'closed', targetOf(prior, [indicatorOf('finished', finishedMachine(2))], [nb])],
  ['algebra', 'blend', targetOf(blend, [], [nb])],
  ['algebra', 'tilted', targetOf(blend, [additiveTilt(1)], [nb])],
  [
    'needle',
    'posterior',
    targetOf(
      long,
      [
        indicatorOf('matches', matchesOf(AB, /^(ba)*(ab)*$/, 12)),
        indicatorOf(
          'length == 12',
          mustMap([lengthMachine(2)], 12, ([n]) => (n === 12 ? 1 : 0)),
        ),
      ],
      [size],
    ),
  ],
  [
    'needle',
    'deadEnd',
    targetOf(long, [indicatorOf('deadEnd', matchesOf(AB, /^(?!.*aaaa)aaa.*bbb$|^(?!.*aaaa)aaabbb$/, 12))], [size]),
  ],
];

describe('known answers', () => {
  for (const [file, key, target] of POSTERIORS) {
    for (const method of ['dp', 'enumerate'] as const) {
      it(`${file} ${key} by ${method}`, async () => {
        const answer = answers(file)[key];
        const found = await solve(target, { method });
        expect(found.logZ!.value).toBeCloseTo(answer.logZ!, 10);
        const linearOnly = method === 'dp' && (target.prior === blend || key === 'marginal');
        if (linearOnly) expect(found.unavailable.entropy).toMatch(/sum/);
        else expect(found.entropy!.value).toBeCloseTo(answer.entropy, 10);
        if (found.klToPrior === null) expect(key).toBe('marginal');
        else expect(found.klToPrior.value).toBeCloseTo(answer.klToPrior, 10);
        for (const [name, value] of Object.entries(answer.expectations)) {
          expect(found.expectations[name]!.value).toBeCloseTo(value, 10);
        }
        answer.lambda?.forEach((l, i) => expect(found.lambda![i]).toBeCloseTo(l, 8));
        if (answer.support === undefined) return;
        expect(found.support!.length).toBe(Object.keys(answer.support).length);
        for (const { text, probability } of found.support!) expect(probability).toBeCloseTo(answer.support[text], 10);
      });
    }
  }

  it('prefers to list what dynamic programming leaves open', async () => {
    const found = await solve(targetOf(blend, [additiveTilt(1)], [nb]));
    expect(found.entropy!.value).toBeCloseTo(answers('algebra').tilted.entropy, 10);
    expect(found.unavailable).toEqual({});
  });

  it('lists what has no automaton', async () => {
    const tempered = opaqueFactor('prior', (_, done, tokens) => {
      const batch = {
        size: 1,
        tokens,
        offsets: Int32Array.of(0, tokens.length),
        finished: Uint8Array.of(done ? 1 : 0),
      };
      return (prior.logProb(batch) as Float64Array)[0];
    });
    const found = await solve(targetOf(prior, [tempered], [nb]));
    const answer = answers('algebra').tempered;
    expect(found.logZ!.value).toBeCloseTo(answer.logZ!, 10);
    expect(found.entropy!.value).toBeCloseTo(answer.entropy, 10);
    expect(found.expectations.nb!.value).toBeCloseTo(answer.expectations.nb, 10);
  });

  it('names the factor that leaves nothing', async () => {
    const impossible = indicatorOf(
      'contains("c")',
      mustMap([b], 12, () => 0),
    );
    const short = indicatorOf(
      'length < 2',
      mustMap([lengthMachine(2)], 12, ([n]) => (n < 2 ? 1 : 0)),
    );
    const wide = indicatorOf(
      'length >= 2',
      mustMap([lengthMachine(2)], 12, ([n]) => (n >= 2 ? 1 : 0)),
    );
    for (const method of ['dp', 'enumerate'] as const) {
      await expect(solve(targetOf(prior, [impossible]), { method })).rejects.toThrow(/P403.*"contains\("c"\)"/s);
      await expect(solve(targetOf(prior, [short, tilt(1), wide]), { method })).rejects.toThrow(
        /P403.*"length < 2" and "length >= 2" together/s,
      );
    }
  });
});
