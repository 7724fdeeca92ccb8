import { PostError } from '@postulate/graph';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../src/cli/arguments.ts';
import type { CommandSpec } from '../src/cli/command.ts';
import { toJson } from '../src/cli/json.ts';
import { estimateText, figure } from '../src/cli/numbers.ts';
import { paceKeeper, progressLine } from '../src/cli/progress.ts';
import { budgetOf, drawCount, engineOptions, paramSettings } from '../src/cli/settings.ts';
import { oneLine } from '../src/cli/summary.ts';
import { editDistance } from '@postulate/graph';
import { didYouMean } from '../src/suggest.ts';

const spec: CommandSpec = {
  name: 'sample',
  summary: '',
  operands: 'one',
  options: [
    { name: 'draws', short: 'n', value: 'N', help: '' },
    { name: 'set', value: 'k=v', repeated: true, help: '' },
    { name: 'no-extern', help: '' },
  ],
  examples: [],
  load: () => Promise.reject(new Error('not loaded here')),
};

function thrown(act: () => unknown): PostError {
  try {
    act();
  } catch (error) {
    if (error instanceof PostError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('parseArguments', () => {
  it('takes options before, after and attached to their values', () => {
    const args = parseArguments(spec, ['-n5', '--set', 'a=1', 'file.post', '--set=b=-2', '--no-extern']);
    expect(args.operands).toEqual(['file.post']);
    expect(args.value('draws')).toBe('5');
    expect(args.values('set')).toEqual(['a=1', 'b=-2']);
    expect(args.flag('no-extern')).toBe(true);
    expect(args.flag('json')).toBe(false);
  });

  it('reads - as an operand and everything after -- too', () => {
    expect(parseArguments(spec, ['-']).operands).toEqual(['-']);
    expect(parseArguments(spec, ['--', '--strange.post']).operands).toEqual(['--strange.post']);
  });

  it.each([
    [['f', '--drawz', '3'], /no option --drawz.*Did you mean --draws/],
    [['f', '-n'], /-n needs a value/],
    [['f', '-n', '1', '-n', '2'], /given twice/],
    [['f', '--no-extern=1'], /takes no value/],
    [['f', 'g'], /one file.*also found g/],
    [[], /needs a \.post file/],
  ])('refuses %j', (words, message) => {
    const error = thrown(() => parseArguments(spec, words));
    expect(error.kind).toBe('usage');
    expect(error.message).toMatch(message);
  });
});

describe('settings', () => {
  it('reads numbers, times and engine options', () => {
    expect(paramSettings(['beta=1e-3', 'k=-inf'])).toEqual({ beta: 1e-3, k: -Infinity });
    expect(engineOptions(['particles=64', 'smooth=true', 'scheme=systematic'])).toEqual({
      particles: 64,
      smooth: true,
      scheme: 'systematic',
    });
    expect(budgetOf('1e6')).toEqual({ sequences: 1e6, milliseconds: Infinity });
    expect(budgetOf('1.5s')).toEqual({ sequences: Infinity, milliseconds: 1500 });
    expect(budgetOf('2m').milliseconds).toBe(120_000);
    expect(drawCount(undefined)).toBe(100);
    expect(drawCount('0')).toBe(0);
  });

  it.each([
    () => paramSettings(['beta']),
    () => paramSettings(['beta=0x10']),
    () => paramSettings(['beta=']),
    () => paramSettings(['beta=1', 'beta=2']),
    () => engineOptions(['=3']),
    () => budgetOf('0'),
    () => budgetOf('-3'),
    () => budgetOf('3 weeks'),
    () => drawCount('1.5'),
    () => drawCount('-1'),
    () => drawCount('many'),
  ])('refuses bad values (%#)', (act) => {
    expect(thrown(act).kind).toBe('usage');
  });

  it('keeps a param called __proto__ an ordinary name', () => {
    expect(Object.keys(paramSettings(['__proto__=1']))).toEqual(['__proto__']);
  });
});

describe('what is printed', () => {
  it('names infinities in JSON and turns NaN into null', () => {
    const round = JSON.parse(toJson({ a: Infinity, b: [-Infinity, NaN, -0.5] })) as unknown;
    expect(round).toEqual({ a: 'inf', b: ['-inf', null, -0.5] });
  });

  it('keeps a text on one line', () => {
    expect(oneLine('a\nb\tc\\d\u001b[31m\u0000\u2028')).toBe('a\\nb\\tc\\\\d\\u{1b}[31m\\u{0}\\u{2028}');
    expect(oneLine('Grüße, 世界 🙂')).toBe('Grüße, 世界 🙂');
  });

  it('gives an estimate as many decimals as its error warrants', () => {
    expect(estimateText({ value: 0.44533, standardError: 0.0123 })).toBe('0.445 ± 0.012');
    expect(estimateText({ value: 123.456, standardError: 20 })).toBe('123 ± 20');
    expect(estimateText({ value: 2.1160139229611286, standardError: 0 })).toBe('2.11601');
    expect(estimateText({ value: Infinity, standardError: 0 })).toBe('inf');
    expect(estimateText({ value: -1e-17, standardError: 0.083 })).toBe('0.000 ± 0.083');
    expect(estimateText({ value: -0.05, standardError: 0.083 })).toBe('-0.050 ± 0.083');
    expect(estimateText(null)).toBe('not available');
    expect(figure(-0.287682072)).toBe('-0.287682');
    expect(figure(1e-9)).toBe('1.000e-9');
  });

  it('shows acceptance, ESS, log Z, speed and time left on the progress line', () => {
    const progress = {
      phase: 'drawing',
      draws: 25,
      wanted: 100,
      acceptanceRate: 0.1234,
      ess: 25,
      logZ: -2.5,
      modelCalls: 9,
      tokens: 1e6,
    };
    expect(progressLine(progress, { seconds: 2, draws: 25, tokens: 1e6 })).toBe(
      'drawing · 25/100 draws · acceptance 12.3% · ESS 25 · log Z -2.5 · 500k tokens/s · 6 s left',
    );
    const still = { seconds: 1, draws: 0, tokens: 0 };
    expect(progressLine({ phase: 'fitting', draws: 0, wanted: 0 }, still)).toBe('fitting');
  });

  it('goes by the pace of the last ten seconds, and begins anew with the next member of a family', () => {
    const pace = paceKeeper(0);
    const at = (seconds: number, draws: number) =>
      pace({ phase: 'p', draws, wanted: 1000, tokens: 10 * draws }, seconds);
    expect(at(1, 500)).toEqual({ seconds: 1, draws: 500, tokens: 5000 });
    expect(at(6, 510)).toEqual({ seconds: 6, draws: 510, tokens: 5100 });
    expect(at(11, 520)).toEqual({ seconds: 10, draws: 20, tokens: 200 });
    expect(at(12, 30)).toEqual({ seconds: 1, draws: 30, tokens: 300 });
  });
});

describe('didYouMean', () => {
  it('finds slips of the fingers and nothing far off', () => {
    expect(didYouMean('sampel', ['sample', 'check'])).toBe(' Did you mean sample?');
    expect(didYouMean('bananas', ['sample', 'check'])).toBe('');
    expect(editDistance('sampel', 'sample')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
  });
});
