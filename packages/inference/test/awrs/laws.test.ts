import { describe, expect, it } from 'vitest';
import type { Chooser } from '@postulate/models';
import { countBy, enumerateTraces, expectation, multinomialGate } from '../../../testing/src/index.ts';
import { seededChooser } from '../../src/index.ts';
import { DenseLaw } from '../../src/awrs/dense-law.ts';
import type { RemainingLaw } from '../../src/awrs/remaining-law.ts';
import { SparseLaw } from '../../src/awrs/sparse-law.ts';
import type { TokenRows } from '../../src/rows/index.ts';

const LAW = [0.4, 0.3, 0.15, 0.1, 0.03, 0.02];

/** Rows of one law; counts how often it is written out. */
function rowsOf(law: readonly number[]): TokenRows & { written: number } {
  const logs = law.map(Math.log);
  return {
    written: 0,
    draw: (_, chooser) => chooser.choose(logs),
    logProb: (_, token) => logs[token],
    fill(_, out) {
      this.written++;
      out.set(logs);
    },
    advance: () => undefined,
    reorder: () => undefined,
  };
}

const LAWS: Readonly<Record<string, (law: readonly number[]) => RemainingLaw>> = {
  dense: (law) => new DenseLaw(law.length).load(law.map(Math.log)),
  sparse: (law) => new SparseLaw(rowsOf(law), law.length).load(0),
};

/** The first three tokens drawn without replacement. */
function order(law: RemainingLaw, chooser: Chooser): string {
  const drawn: number[] = [];
  while (drawn.length < 3) {
    drawn.push(law.draw(chooser));
    law.remove(drawn[drawn.length - 1]);
  }
  return drawn.join();
}

/** Probability of an order of draws without replacement. */
function orderProbability(tokens: readonly number[]): number {
  let left = 1;
  let probability = 1;
  for (const t of tokens) {
    probability *= LAW[t] / left;
    left -= LAW[t];
  }
  return probability;
}

const ORDERS = new Map(
  LAW.flatMap((_, a) => LAW.flatMap((_, b) => LAW.map((_, c) => [a, b, c])))
    .filter((t) => new Set(t).size === 3)
    .map((t) => [t.join(), orderProbability(t)] as const),
);

describe.each(Object.entries(LAWS))('what is left of a law, %s', (_, make) => {
  it('is drawn from without replacement along every path', async () => {
    const traces = await enumerateTraces((chooser) => order(make(LAW), chooser));
    for (const [key, p] of ORDERS) expect(expectation(traces, (v) => (v === key ? 1 : 0))).toBeCloseTo(p, 13);
  });

  it('is drawn from without replacement by a seeded chooser', () => {
    const chooser = seededChooser('orders');
    const orders = Array.from({ length: 30_000 }, () => order(make(LAW), chooser));
    const counts = countBy(orders, (o) => o);
    expect(multinomialGate(counts, ORDERS, { falseAlarm: 1e-6 })).toMatchObject({ passes: true });
  });

  it('knows its mass to the last digits, however little is left', () => {
    const law = make([1 - 3e-12, 1e-12, 2e-12]);
    expect(law.mass).toBeCloseTo(1, 14);
    law.remove(0);
    law.remove(0);
    expect(law.mass / 3e-12).toBeCloseTo(1, 13);
    law.remove(1);
    expect(law.mass / 2e-12).toBeCloseTo(1, 13);
    expect(law.draw(seededChooser('last'))).toBe(2);
    law.remove(2);
    expect(law.mass).toBe(0);
    expect(law.draw(seededChooser('none'))).toBe(-1);
    expect(law.probability(1)).toBeCloseTo(1e-12, 24);
  });
});

describe('a dense law', () => {
  it('draws every token of a row of many blocks as often as it should', () => {
    const weights = Array.from({ length: 300 }, (_, i) => (i % 7 === 0 ? 0 : 1 + (i % 5)));
    const total = weights.reduce((a, b) => a + b, 0);
    const law = new DenseLaw(300).load(weights.map((w) => Math.log(w / total)));
    for (const token of [1, 17, 18, 19, 299]) law.remove(token);
    const chooser = seededChooser('blocks');
    const counts = countBy(
      Array.from({ length: 100_000 }, () => law.draw(chooser)),
      (t) => String(t),
    );
    const left = weights.map((w, i) => ([1, 17, 18, 19, 299].includes(i) ? 0 : w / total / law.mass));
    const truth = new Map(left.map((p, i) => [String(i), p] as const).filter(([, p]) => p > 0));
    expect(multinomialGate(counts, truth, { falseAlarm: 1e-6 })).toMatchObject({ passes: true });
    expect(law.restart().mass).toBeCloseTo(1, 13);
  });
});

describe('a sparse law', () => {
  it('writes a row out only once next to nothing is left', () => {
    const rows = rowsOf(LAW);
    const law = new SparseLaw(rows, LAW.length).load(0);
    const chooser = seededChooser('sparse');
    for (let k = 0; k < 100; k++) law.draw(chooser);
    for (const token of [0, 1, 2]) law.remove(token);
    for (let k = 0; k < 100; k++) expect(law.draw(chooser)).toBeGreaterThan(2);
    expect(rows.written).toBe(0);
    law.remove(3);
    expect(rows.written).toBe(1);
    for (let k = 0; k < 100; k++) expect(law.draw(chooser)).toBeGreaterThan(3);
    law.load(0);
    expect(law.mass).toBe(1);
  });
});
