import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createModels, type PolicyGuide, type PolicyOptions, type TokenMachine } from '@postulate/models';
import { afterAll, describe, expect, it } from 'vitest';
import {
  bind,
  engineNamed,
  seededChooser,
  type Target,
  type TrainingOptions,
  type VariationalEngine,
} from '../../src/index.ts';
import { failure } from '../support/outcome.ts';
import { fitReading } from '../../src/variational/guide/fit-reading.ts';
import type { Choices } from '../../src/variational/guide/reading-data.ts';
import { graphOf } from '../bind/support.ts';
import { reverseKl, listed, trainerOf } from './support.ts';

const times = (n: number, text: string): readonly string[] => Array.from({ length: n }, () => text);

/**
 * "ab" is as likely after x as after y, but an "a" is rarely in vain after x and mostly after y: what it is worth depends on a letter that
 * the automaton of contains("ab") does not know, and that the row before it tells.
 */
const CORPUS = [
  ...[...times(18, 'xab'), ...times(2, 'xac'), ...times(80, 'xc')],
  ...[...times(18, 'yab'), ...times(42, 'yac'), ...times(40, 'yc')],
];
const SOFT = 'exp(3 * indicator(contains("ab")))';
const directory = mkdtempSync(join(tmpdir(), 'postulate-row-guides-'));
afterAll(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, 'corpus.txt'), CORPUS.join('\n'));

async function trigrams(factor: string): Promise<Target> {
  const file = `prior = ngram("corpus.txt", order = 3, level = "char", max_tokens = 3)\nposterior = prior * ${factor}`;
  return (await bind(graphOf(file), undefined, createModels({ directory, cacheDirectory: null })))[0];
}

/** Waits for a token 0, which is worth what its state is; three tokens at most. */
const MACHINE: TokenMachine = {
  ...{ vocabularySize: 3, states: 2, start: 0, classes: 2, output: undefined },
  classOf: Int32Array.of(0, 1, 1),
  next: Int32Array.of(1, 0, 0, 1),
  finalEnd: Float64Array.of(0, 2),
  finalStop: Float64Array.of(0, 2),
};
const GUIDE: PolicyGuide = { machine: MACHINE, values: Float64Array.of(0.1, 1.5, 0.2, 1.6, 0.3, 1.7, 0, 2) };
const COUNT = 20_000;

/** Choices after one token from state 0, where state 1 is worth 1 − 0.5 ℓ₀ + 0.25 ℓ₁ more than its value. */
function planted(): Choices {
  const logs = Float32Array.from({ length: 3 * COUNT }, (_, k) => {
    const [j, c] = [Math.floor(k / 3), k % 3];
    // The third is told by the others.
    return c === 0
      ? -2 + 2 * Math.sin(j)
      : c === 1
        ? -3 + Math.cos(2.3 * j)
        : -2.5 + Math.sin(j) + 0.5 * Math.cos(2.3 * j);
  });
  const guided = new Float64Array(3 * COUNT);
  const wanted = new Float64Array(3 * COUNT);
  for (let j = 0; j < COUNT; j++) {
    const ways = [-1, -0.5, -1.5];
    guided.set(ways, 3 * j);
    ways[1] += 1 - 0.5 * logs[3 * j] + 0.25 * logs[3 * j + 1];
    const total = ways.reduce((sum, w) => sum + Math.exp(w), 0);
    ways.forEach((w, k) => (wanted[3 * j + k] = Math.exp(w) / total));
  }
  return {
    ...{ count: COUNT, candidates: Int32Array.of(3, 0, 1), logs, guided, wanted },
    offsets: Int32Array.from({ length: COUNT + 1 }, (_, j) => 3 * j),
    values: Int32Array.from({ length: 3 * COUNT }, (_, k) => [4, 5, -1][k % 3]),
  };
}

describe('a guide by rows', () => {
  it('finds what its values depend on, and leaves those that are settled alone', () => {
    const { values, reading } = fitReading(GUIDE, planted());
    // The commonest token is the most telling here; what the third would add is too little to be read.
    expect([...reading!.tokens]).toEqual([3, 0]);
    const [u, w] = [reading!.weights.subarray(0, 2), reading!.weights.subarray(2)];
    [-0.5, 0.25].forEach((wanted, k) => expect(w[k]).toBeCloseTo(wanted, 2));
    u.forEach((x) => expect(Math.abs(x)).toBeLessThan(0.01));
    // State 1 has what it waits for: the values of a text that may go on move with state 1, whose text is open until it ends.
    const open = [...reading!.open];
    values.forEach((v, k) => {
      if (open[k] === 0) expect(v).toBe(GUIDE.values[k]);
      else expect(v - GUIDE.values[k]).toBeCloseTo(k % 2 === 1 ? 1 : 0, 1);
    });
    expect(open).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
  });

  it.each(['kl-rl', 'sft'])(
    'brings a policy of %s nearer to the posterior than one by states, before a step',
    async (engine) => {
      const t = await trigrams(SOFT);
      const list = await listed(t);
      const from = async (guide: string): Promise<number> =>
        reverseKl((await trainerOf(engine, t, { guide, steps: 1 })).policy, list);
      const [states, rows] = [await from('states'), await from('rows')];
      expect(states).toBeGreaterThan(0.02);
      expect(rows).toBeLessThan(states / 5);
    },
  );

  it('learns from a look-ahead of its own, or from that of the proposal, and counts what it took', async () => {
    const t = await trigrams(SOFT);
    const list = await listed(t);
    const own = await trainerOf('gdc', t, { guide: 'rows', guideDraws: 300, steps: 1 });
    const given = await trainerOf('gdc', t, {
      guide: 'rows',
      guideDraws: 300,
      steps: 1,
      proposal: 'weighted-decoding',
    });
    for (const trainer of [own, given]) {
      expect(trainer.drawn).toBe(600);
      expect(await reverseKl(trainer.policy, list)).toBeLessThan(0.005);
    }
  });

  it('does without the proposal where that knows nothing of what is to come, or looks ahead on tables of its own', async () => {
    const t = await trigrams(SOFT);
    const list = await listed(t);
    const found = engineNamed('kl-rl') as unknown as VariationalEngine<TrainingOptions>;
    const decoding = engineNamed('weighted-decoding');
    const options = { ...found.defaults, guide: 'rows', guideDraws: 300, steps: 1 };
    const blind = { ...decoding.defaults, scorer: 'none' } as never;
    const proposals = [await decoding.policy!(t, blind, seededChooser('blind'))];
    const beside = await found.train([t], options, { proposals }, seededChooser('0'));
    expect(await reverseKl(beside.policy, list)).toBeLessThan(0.005);
    // The same tokens by the same law, which does not show its tables: 20,000 texts for one of its own, 512 to doubt it.
    const { table: _, trainable, ...veiled } = t.prior;
    const prior = { ...veiled, trainable: (o: PolicyOptions) => trainable!(o, [t.prior]) };
    const own = await found.train([{ ...t, prior }], options, {}, seededChooser('0'));
    expect(own.drawn).toBe(2 * 300 + 20_000 + 512);
    expect(await reverseKl(own.policy, list)).toBeLessThan(0.006);
  });

  it('is refused by a look-ahead that leaves out what the guide knows, or cannot be had', async () => {
    const t = await trigrams('exp(3 * indicator(contains("ab"))) * exp(count("c"))');
    const found = engineNamed('kl-rl') as unknown as VariationalEngine<TrainingOptions>;
    const decoding = engineNamed('weighted-decoding');
    const law = decoding.policy!(t, { ...decoding.defaults, maxStates: 2 } as never, seededChooser('small'));
    const options = { ...found.defaults, guide: 'rows', guideDraws: 300, steps: 1 };
    const small = await failure(found.train([t], options, { proposals: [await law] }, seededChooser('0')));
    expect(small.code).toBe('P600');
    expect(small.diagnostics[0].message).toContain('cannot be guided by rows: no look-ahead knows of ');
    expect(small.diagnostics[0].help).toContain('use guide=states');
    const none = await failure(trainerOf('kl-rl', await trigrams('exp(distinct(1))'), { control: 'ahead', steps: 1 }));
    expect(none.diagnostics[0].message).toContain('nothing looks ahead towards posterior: ');
    expect(none.diagnostics[0].help).toContain('leave control=ahead and guide=rows out');
  });

  it('reads nothing where there is nothing to learn', () => {
    const none = { ...planted(), count: 0, offsets: Int32Array.of(0), logs: new Float32Array(0) };
    const { values, reading } = fitReading(GUIDE, none);
    expect([...values]).toEqual([...GUIDE.values]);
    expect(reading!.tokens).toHaveLength(0);
  });

  it('goes on from there', async () => {
    const t = await trigrams(SOFT);
    const list = await listed(t);
    const trainer = await trainerOf('kl-rl', t, { guide: 'rows', guideDraws: 100, steps: 200, control: 'ahead' });
    const start = await reverseKl(trainer.policy, list);
    while (!trainer.done) await trainer.advance();
    expect(await reverseKl(trainer.policy, list)).toBeLessThan(start / 4);
  });

  it('never writes what a hard constraint rules out', async () => {
    const t = await trigrams('indicator(not contains("ab"))');
    const list = await listed(t);
    const { policy } = await trainerOf('gdc', t, { steps: 1, guide: 'rows' });
    const logs = await policy.logProb(list.batch);
    expect(logs.some((l, i) => l > -Infinity && list.logGamma[i] === -Infinity)).toBe(false);
    expect(await reverseKl(policy, list)).toBeLessThan(0.006);
  });
});
