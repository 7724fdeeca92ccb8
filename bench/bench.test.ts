import { compile } from '@postulate/dsl';
import { describe, expect, it } from 'vitest';
import { bestQuotedRate } from './peers/quoted.ts';
import { characterGram } from './support/character-gram.ts';
import { atLeast, atMost, withinError } from './support/goals.ts';
import { torchRun } from './peers/torch-lm.ts';
import { SIZES } from './support/language-models.ts';
import { countLaw, quasiTruth } from './support/quasi-truth.ts';
import { formatRows, summary } from './support/row.ts';
import { judged } from './support/seeded-runs.ts';
import { median, rootMeanSquare } from './support/statistics.ts';
import { ANSWERS } from './support/targets.ts';
import { manyStatements } from './tasks/command.ts';
import { counterpart, pythonRow } from './tasks/peers.ts';

describe('the benchmark', () => {
  it('writes rows as a table without empty columns', () => {
    const table = formatRows([
      { task: 'A', what: 'exact', error: 1.23456e-12, tokensPerSecond: 2_345_678 },
      { task: 'B', what: 'importance', coverage: 0.9475, note: 'x' },
    ]);
    expect(table.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['task', 'what', 'error', 'covers', 'tokens/s', 'note'],
      ['A', 'exact', '1.23e-12', '2.35 M'],
      ['B', 'importance', '94.8%', 'x'],
    ]);
  });

  it('takes medians and root mean squares', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(rootMeanSquare([3, -4, 0, 0])).toBe(2.5);
  });

  it('checks a large file that has no errors', () => {
    const { diagnostics, program } = compile(manyStatements(2000), 'many.post', {});
    expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    expect(program.statements.length).toBe(2000);
  });
});

describe('torch', () => {
  it('is left out with a word where there is none', () => {
    expect(torchRun('no-such-python', 'train', SIZES[0], 1)).toMatch(/ENOENT/);
    expect(torchRun('false', 'sample', SIZES[0], 1)).toBe('it said nothing');
  });
});

describe('targets', () => {
  it('are met or not, in words', () => {
    expect(atMost('error', 0.13, 0.14)).toEqual({ target: 'error ≤ 0.14', met: true });
    expect(atMost('error', 2e-10, 1e-10)).toEqual({ target: 'error ≤ 1e-10', met: false });
    expect(atMost('tests/token', 2.2, 2.1, 0.2)).toEqual({ target: 'tests/token ≤ 2.1 + 3 SE', met: true });
    expect(atLeast('tokens/s', 999_999, 1e6)).toEqual({ target: 'tokens/s ≥ 1,000,000', met: false });
    expect(withinError('TV', 0.14, 0.02, 0.1283)).toEqual({ target: 'TV 0.128 ± own error', met: true });
    expect(withinError('TV', 0.1, 0.02, 0.1283).met).toBe(false);
  });

  it('are not met by what is not a number', () => {
    expect(atMost('error', NaN, 1).met).toBe(false);
    expect(atLeast('ratio', NaN, 1).met).toBe(false);
    expect(withinError('TV', 1, NaN, 1).met).toBe(false);
  });

  it('are counted, and those that are not met named', () => {
    const rows = [
      { task: 'A', what: 'smc', met: true },
      { task: 'B', what: 'awrs', met: false },
      { task: 'B', what: 'mh' },
    ];
    expect(summary(rows)).toBe('1 of 2 targets met (not met: B awrs)');
    expect(summary(rows.slice(0, 1))).toBe('1 of 1 targets met');
  });

  it('of speed are held against the best quoted rate', () => {
    expect([bestQuotedRate('A'), bestQuotedRate('B')]).toEqual([1502, 2000]);
  });
});

describe('errors', () => {
  it('are judged by the error bars that come with them', () => {
    const estimates = [
      { value: 1.1, standardError: 0.1 },
      { value: 0.7, standardError: 0.1 },
    ];
    const { error, ownError, coverage } = judged(estimates, 1);
    expect(error).toBeCloseTo(Math.sqrt(0.05), 12);
    expect([ownError, coverage]).toEqual([0.1, 0.5]);
  });

  it('of rounding are no miss of an error bar, larger ones are', () => {
    expect(judged([{ value: 1 + 1e-14, standardError: 0 }], 1).coverage).toBe(1);
    expect(judged([{ value: 1 + 1e-9, standardError: 0 }], 1).coverage).toBe(0);
  });
});

describe('quasi-rejection on B, exactly', () => {
  it('is by a law of counts that agrees with enumeration', () => {
    const law = countLaw();
    expect(law.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(law.reduce((sum, p, k) => sum + p * k, 0)).toBeCloseTo(ANSWERS.prior.expectations['reward'], 12);
    expect(quasiTruth(1e4).logZ).toBeCloseTo(ANSWERS.B.logZ, 12);
  });

  it('has no distance where no weight exceeds the threshold, and that of the prior where all do', () => {
    expect(quasiTruth(Math.exp(16)).totalVariation).toBeCloseTo(0, 12);
    const { acceptance, totalVariation } = quasiTruth(1);
    expect(acceptance).toBeCloseTo(1, 12);
    const law = countLaw();
    const far = law.reduce((sum, p, k) => sum + Math.abs(p - p * Math.exp(2 * k - ANSWERS.B.logZ)) / 2, 0);
    expect(totalVariation).toBeCloseTo(far, 12);
  });

  it('is 0.128 away at a threshold of 1e4', () => {
    expect(quasiTruth(1e4).totalVariation).toBeCloseTo(0.128, 3);
  });
});

describe('character n-grams', () => {
  it('know a text that they have seen half of the time', async () => {
    const texts = Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? 'aa' : 'bb'));
    const found = await (await characterGram(texts, 3)).bits(['aa', 'bb']);
    expect(found).toBeCloseTo(2, 2);
  });

  it('spell what is rare by a uniform choice', async () => {
    const rare = await characterGram(['ab', 'ab', 'ac', 'ad'], 2);
    const common = await characterGram(['ab', 'ab', 'aZ', 'aZ'], 2);
    const others = 0x110000 - 0x800 - 2;
    expect(await rare.bits(['ab'])).toBe(await common.bits(['ab']));
    for (const text of ['aq', 'a𝄞', 'ac']) {
      expect(await rare.bits([text])).toBeCloseTo((await common.bits(['aZ'])) + Math.log2(others), 9);
    }
    expect(await rare.bits(['aqq'])).toBeGreaterThan(2 * Math.log2(others));
  });

  it('give no probability to unseen characters where none was rare', async () => {
    expect(await (await characterGram(['ab', 'ab'], 2)).bits(['aq'])).toBe(Infinity);
  });
});

describe('peers', () => {
  it('of Python become rows, skipped ones with a word', () => {
    const row = pythonRow({ peer: 'p', task: 'B', particles: 10, seeds: 3, error: 0.5, perSecond: 100 });
    expect(row).toEqual({ task: 'B', what: 'p, N = 10', error: 0.5, runs: 3, drawsPerSecond: 100 });
    expect(pythonRow({ peer: 'disco', skipped: 'No module' })).toEqual({
      ...{ task: '', what: 'disco', note: 'skipped: No module' },
    });
  });

  it('stand beside the same method at the same size', () => {
    const awrs = counterpart({ peer: 'genlm-control AWRS', task: 'A', particles: 10 }, 5).setting;
    expect(awrs).toMatchObject({
      posterior: 'A',
      engine: 'awrs',
      seeds: 5,
      options: { particles: 10, remember: false },
    });
    const product = counterpart({ peer: 'genlm-control product', task: 'B', particles: 100 }, 5).setting;
    expect(product).toMatchObject({ posterior: 'B', engine: 'smc', options: { particles: 100, twist: 'prefix' } });
    expect(counterpart({ peer: 'disco quasi-rejection', task: 'A' }, 5).setting.engine).toBe('rejection');
    expect(counterpart({ peer: 'disco quasi-rejection', task: 'B' }, 5).setting.engine).toBe('qrs');
  });
});
