import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  bleuAgainstOthers,
  collisionProbability,
  distinctN,
  entropyEstimate,
  repetitionRate,
  seededChooser,
  selfBleu,
  uniqueRate,
  type Draw,
} from '../../src/index.ts';
import { covers, coverageGate } from '../../../testing/src/index.ts';

interface Case {
  readonly n: number;
  readonly texts: readonly (readonly number[])[];
  readonly bleu: readonly number[];
}
const CASES = JSON.parse(readFileSync(new URL('oracle/self-bleu.json', import.meta.url), 'utf8')) as readonly Case[];

const draw = (tokens: readonly number[], finished = true): Draw => ({
  tokens: Int32Array.from(tokens),
  finished,
  logPrior: 0,
  logFactor: 0,
  logWeight: 0,
});
const chooser = seededChooser('text');

describe('self-BLEU', () => {
  it.each(CASES.map((c, i) => [i, c] as const))('of each sequence is that of nltk: case %i', (_, c) => {
    const found = bleuAgainstOthers(c.texts, c.n);
    c.bleu.forEach((b, i) => expect(found[i]).toBeCloseTo(b, 12));
    const mean = c.bleu.reduce((a, b) => a + b, 0) / c.bleu.length;
    expect(selfBleu(c.texts, c.n, c.texts.length, chooser)).toBeCloseTo(mean, 12);
  });

  it('is 1 for copies, works on tokens and needs the stated number of them', () => {
    const same = new Array<number[]>(6).fill([10, 11, 12, 13, 14]);
    expect(selfBleu(same, 4, 5, chooser)).toBeCloseTo(1, 12);
    expect(selfBleu(same, 4, 7, chooser)).toBeNull();
    expect(selfBleu(same, 4, 1, chooser)).toBeNull();
    // 12 and 1, 2 share digits and no token.
    expect(selfBleu([[12], [1, 2]], 1, 2, chooser)).toBe(0);
  });

  it('depends on the chooser alone', () => {
    const texts = CASES[0].texts;
    expect(selfBleu(texts, 2, 3, seededChooser('a'))).toBe(selfBleu(texts, 2, 3, seededChooser('a')));
    expect(selfBleu(texts, 2, 3, seededChooser('a'))).not.toBe(selfBleu(texts, 2, 3, seededChooser('b')));
  });
});

describe('distinct-n', () => {
  it('pools n-grams over all sequences, within each', () => {
    const texts = [
      [1, 2, 1, 2],
      [1, 2, 3],
    ];
    expect(distinctN(texts, 1, 7, chooser)).toBeCloseTo(3 / 7, 12);
    expect(distinctN(texts, 2, 7, chooser)).toBeCloseTo(3 / 5, 12);
    expect(distinctN([[1, 12], [11, 2], [1, 12]], 2, 6, chooser)).toBeCloseTo(2 / 3, 12); // prettier-ignore
  });

  it('takes as many tokens as it is told, however many there are', () => {
    const copies = (n: number): number[][] => new Array<number[]>(n).fill([1, 2, 3, 4]);
    expect(distinctN(copies(2), 1, 8, chooser)).toBe(0.5);
    expect(distinctN(copies(200), 1, 8, chooser)).toBe(0.5);
    expect(distinctN(copies(200), 1, 6, chooser)).toBeCloseTo(4 / 6, 12);
    expect(distinctN(copies(2), 1, 9, chooser)).toBeNull();
    expect(distinctN([[1], [2]], 2, 2, chooser)).toBeNull();
  });
});

describe('repetition', () => {
  it('is the share of n-grams that a sequence has had before, on average over sequences', () => {
    const texts = [[1, 1, 1, 1], [1, 2, 3], [5]];
    expect(repetitionRate(texts, 1)!.value).toBeCloseTo(0.75 / 3, 12);
    expect(repetitionRate(texts, 2)!.value).toBeCloseTo(2 / 3 / 2, 12);
    const [a, b] = [2 / 3, 0];
    const spread = Math.sqrt(((a - 1 / 3) ** 2 + (b - 1 / 3) ** 2) / 2);
    expect(repetitionRate(texts, 2)!.standardError).toBeCloseTo(spread, 12);
    expect(repetitionRate(texts, 5)).toBeNull();
  });
});

describe('collisions', () => {
  it('are matching pairs of all pairs', () => {
    const draws = [draw([1]), draw([1]), draw([1]), draw([2]), draw([1], false)];
    expect(collisionProbability(draws)!.value).toBeCloseTo(3 / 10, 12);
    expect(uniqueRate(draws)).toBeCloseTo(3 / 5, 12);
    expect(collisionProbability([draw([1])])).toBeNull();
    expect(uniqueRate([])).toBeNull();
  });

  // Over 400 samples: the mean is Σ p² (five standard errors, false alarm 6e-7) and intervals cover (false alarm 1e-7).
  it('estimate Σ p² without bias, with an error that covers', () => {
    const p = [0.5, 0.3, 0.15, 0.05];
    const truth = p.reduce((s, x) => s + x * x, 0);
    const found = Array.from({ length: 400 }, (_, run) => {
      const c = seededChooser(`collide ${run}`);
      return collisionProbability(Array.from({ length: 200 }, () => draw([c.choose(p.map(Math.log))])))!;
    });
    const mean = found.reduce((s, e) => s + e.value, 0) / 400;
    const spread = Math.sqrt(found.reduce((s, e) => s + (e.value - mean) ** 2, 0) / 399 / 400);
    expect(Math.abs(mean - truth)).toBeLessThan(5 * spread);
    const gate = coverageGate(found.filter((e) => covers(e.value, e.standardError!, truth)).length, 400, {
      falseAlarm: 1e-7,
    });
    expect(gate.passes, gate.message).toBe(true);
  });
});

describe('entropy', () => {
  it('is the mean surprise', () => {
    const e = entropyEstimate([-1, -2, -6])!;
    expect(e.value).toBeCloseTo(3, 12);
    expect(e.standardError).toBeCloseTo(Math.sqrt((4 + 1 + 9) / 2 / 3), 12);
    expect(entropyEstimate([])).toBeNull();
  });
});
