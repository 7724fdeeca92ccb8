import { describe, expect, it } from 'vitest';
import { countBy, enumerateTraces, expectation, meanGate, multinomialGate } from '../../../testing/src/index.ts';
import { run, type Draw } from '../../src/index.ts';
import { deadTrie } from '../../src/engines/rejection/dead-trie.ts';
import { estimateLogZ } from '../../src/engines/rejection/log-z.ts';
import { packDrawn } from '../../src/continuation/index.ts';
import { removingProposers } from '../../src/engines/rejection/removing-proposer.ts';
import { rowSampler } from '../../src/rows/index.ts';
import { seededChooser } from '../../src/index.ts';
import { answersOf, fixture, PRIOR, target } from '../bind/support.ts';

describe('the trie of dead prefixes', () => {
  it('knows the mass that is left', async () => {
    const { prior } = await target(`${PRIOR}posterior = prior | contains("a")`);
    const rows = rowSampler(prior.table!);
    const trie = deadTrie(prior.table!.start, rows.probability, rows.target);
    const [a, b, end] = [prior.vocabulary.tokens.indexOf('a'), prior.vocabulary.tokens.indexOf('b'), 2];
    trie.remove([end]);
    expect(trie.root.alive).toBeCloseTo(0.8, 14);
    trie.remove([a, b]);
    expect(trie.root.alive).toBeCloseTo(0.8 - 0.5 * 0.4, 14);
    trie.remove([a]);
    expect(trie.root.alive).toBeCloseTo(0.3, 14);
    trie.remove([b, b]);
    expect(trie.root.alive).toBeCloseTo(0.15, 14);
  });

  it('agrees with the model on every next word', async () => {
    const { prior } = await target(`${PRIOR}posterior = prior | contains("a")`);
    const rows = rowSampler(prior.table!);
    const session = prior.open(1);
    rows.logRow(prior.table!.start).forEach((l, w) => expect(l).toBeCloseTo(session.logProbs[w], 14));
  });

  it('proposes the prior without what was removed, and nothing else', async () => {
    const t = await target(`${PRIOR}posterior = prior | starts_with("bb") and finished`);
    const proposer = removingProposers(t.prior, t.stages[0].factors)!();
    const chooser = seededChooser('removal');
    for (let k = 0; k < 8; k++) {
      const batch = await proposer.sample(64, chooser.split(k));
      for (let i = 0; i < batch.size; i++) {
        const tokens = batch.tokens.slice(batch.offsets[i], batch.offsets[i + 1]);
        const text = [...tokens].map((w) => t.prior.vocabulary.tokens[w]).join('');
        if (!(text.startsWith('bb') && batch.finished[i] === 1)) proposer.reject(batch, i);
      }
    }
    // Every text but "bb" with its end is dead, and the machine says so of all prefixes but "", "b" and "bb".
    expect(Math.exp(proposer.logAlive())).toBeCloseTo(0.3 * 0.5 * 0.3, 12);
    const rest = await proposer.sample(200, chooser.split('rest'));
    for (let i = 0; i < rest.size; i++) {
      expect(rest.offsets[i + 1] - rest.offsets[i]).toBe(2);
      expect(rest.finished[i]).toBe(1);
      expect(rest.logProbs[i]).toBeCloseTo(Math.log(0.3 * 0.5 * 0.3), 12);
    }
  });

  it('draws every path with the mass it has', async () => {
    const t = await target(`${PRIOR}posterior = prior | starts_with("bb")`);
    const traces = await enumerateTraces(async (chooser) => {
      const proposer = removingProposers(t.prior, t.stages[0].factors)!();
      const b = t.prior.vocabulary.tokens.indexOf('b');
      for (let i = 0; i < 20; i++) await proposer.sample(1, seededChooser('warm').split(i));
      const rejected = packDrawn([[], [1 - b]].map((tokens) => ({ tokens, finished: true, logProb: 0 })));
      for (let i = 0; i < 20; i++) proposer.reject(rejected, 0);
      proposer.reject(rejected, 1);
      const batch = await proposer.sample(1, chooser);
      return {
        key: `${[...batch.tokens].join()}${batch.finished[0]}`,
        logProb: batch.logProbs[0],
        alive: proposer.logAlive(),
      };
    });
    expect(traces[0].value.alive).toBeCloseTo(Math.log(0.3), 12);
    for (const { value } of traces) {
      const mass = expectation(traces, (v) => (v.key === value.key ? 1 : 0));
      expect(mass).toBeCloseTo(Math.exp(value.logProb - value.alive), 12);
    }
  });
});

describe('log Z with removed mass', () => {
  it('is (n − 1)/(t − 1) without removal, however the trials are grouped', () => {
    const plain = estimateLogZ([{ logAlive: 0, trials: 40, accepted: 5 }], 0.5, true)!;
    expect(plain.value).toBeCloseTo(0.5 + Math.log(4 / 39), 13);
    expect(estimateLogZ([{ logAlive: 0, trials: 40, accepted: 1 }], 0, true)).toBeNull();
    expect(estimateLogZ([{ logAlive: 0, trials: 40, accepted: 5 }], 0.5, false)!.value).toBeCloseTo(
      0.5 + Math.log(5 / 40),
      13,
    );
  });

  it('is the expectation over the plain trials that each trial stands for', () => {
    // Two trials with alive mass a each, both accepted: T = G + G', P(T = k) = (k − 1) a² (1 − a)^(k − 2).
    for (const a of [0.9, 0.5, 0.01]) {
      let mean = 0;
      for (let k = 2; k < 20_000; k++) mean += ((k - 1) * a * a * (1 - a) ** (k - 2)) / (k - 1);
      const found = estimateLogZ([{ logAlive: Math.log(a), trials: 2, accepted: 2 }], 0, true)!;
      expect(found.value).toBeCloseTo(Math.log(mean), 9);
    }
  });
});

describe('rejection that leaves dead prefixes out', () => {
  it('finds one text in 400,000, exactly distributed and with an unbiased Z', async () => {
    const t = await fixture('needle', 'posterior');
    const answer = answersOf('needle').find(([name]) => name === 'posterior')![1];
    const z: number[] = [];
    const drawn: Draw[] = [];
    for (let i = 0; i < 60; i++) {
      const r = await run(t, { engine: 'rejection', draws: 20, budget: 1e6, seed: `needle ${i}` });
      z.push(Math.exp(r.logZ!.value - answer.logZ));
      drawn.push(...r.draws);
      expect(r.diagnostics.verdict).toBe('ok');
      expect(r.diagnostics.modelCalls).toBeLessThan(100_000);
    }
    expect(meanGate(z, 1, { falseAlarm: 1e-6 })).toMatchObject({ passes: true });
    const texts = drawn.map((d) => [...d.tokens].map((w) => t.prior.vocabulary.tokens[w]).join(''));
    const exact = await run(t, { engine: 'exact', draws: 0 });
    const support = new Map(exact.support!.map((x) => [x.text, x.probability]));
    expect(
      multinomialGate(
        countBy(texts, (x) => x),
        support,
        { falseAlarm: 1e-6 },
      ),
    ).toMatchObject({ passes: true });
    expect(texts.every((x) => x.length === 12 && /^(ba)*(ab)*$/.test(x))).toBe(true);
  });
});
