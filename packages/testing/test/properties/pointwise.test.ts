import { describe, expect, it } from 'vitest';
import { timed } from '../slow.ts';
import { CHAIN, LETTERS, outcome, outcomes } from './programs.ts';

const SLIP = `${CHAIN}curse = contains_any(["damn"], whole_word = true)
b = contains("damn")
safe = prior | b
property "never curses": forall x in safe: not curse(x)\n`;

describe('the slip of the essay', () => {
  it('fails with a one-word counterexample and says where the mistake is', async () => {
    const { verdict, counterexample } = await outcome(SLIP);
    expect(verdict).toBe('fails');
    expect(counterexample?.texts.map((t) => t.text)).toEqual(['damn']);
    expect(counterexample?.hint).toContain('`not b`');
    expect(counterexample?.because).toEqual([{ text: 'curse(x)', value: 'true' }]);
    expect(counterexample?.factors).toEqual([{ distribution: 'safe', factors: [{ text: 'indicator(b)', logs: [0] }] }]);
  });

  it('holds once it is mended, and by a proof', async () => {
    const { verdict, reason } = await outcome(SLIP.replace('prior | b', 'prior | not b'));
    expect({ verdict, reason }).toEqual({ verdict: 'holds', reason: 'proved for every text, by automata' });
  });
});

describe('forall', () => {
  const program = `${LETTERS}r = 0.3 * count("a") + 0.1 * length
posterior = prior * exp(r / 0.1)
property "monotone": forall x, y: r(x) >= r(y) implies ratio(posterior, x) >= ratio(posterior, y)
property "strict": forall x, y: r(x) > r(y) implies ratio(posterior, x) > ratio(posterior, y)
property "turned round": forall x, y: r(x) >= r(y) implies ratio(posterior, x) <= ratio(posterior, y)
property "sum of logs": forall x in posterior: log_density(posterior, x) == log_density(prior, x) + r(x) / 0.1
property "product": forall x: ratio(posterior, x) == exp(3 * count("a")(x)) * exp(length(x))
property "ratio is no constant": forall x: ratio(posterior, x) == 1
property "below the normaliser": forall x: log_density(posterior, x) <= log_Z(posterior)
property "too small a bound": forall x: log_density(posterior, x) <= log_Z(posterior) - 1\n`;

  it('is decided with the rounding that the arithmetic earns', async () => {
    const found = await outcomes(program);
    const verdicts = Object.fromEntries([...found].map(([name, o]) => [name, o.verdict]));
    expect(verdicts).toEqual({
      monotone: 'holds',
      strict: 'holds',
      'turned round': 'fails',
      'sum of logs': 'holds',
      product: 'holds',
      'ratio is no constant': 'fails',
      'below the normaliser': 'holds',
      'too small a bound': 'fails',
    });
    const shown = found.get('turned round')!.counterexample!;
    expect(shown.texts.map((t) => t.name)).toEqual(['x', 'y']);
    expect(shown.factors[0].factors[0].logs).toHaveLength(2);
  });

  it('ranges over texts of positive mass only where `in` says so', async () => {
    const rare = `${CHAIN}property "free": forall x: length(x) <= 4\nproperty "in": forall x in prior: length(x) <= 4\n`;
    const found = await outcomes(rare);
    expect(found.get('free')?.verdict).toBe('fails');
    expect(found.get('in')?.verdict).toBe('holds');
  });

  it('is undecided where no text has mass', async () => {
    const none = `${CHAIN}none = prior | length < 0\nproperty "p": forall x in none: length(x) > 100\n`;
    expect(await outcome(none)).toMatchObject({ verdict: 'holds', reason: 'proved for every text, by automata' });
    const opaque = `${CHAIN}none = prior | distinct(1) < -1\nproperty "p": forall x in none: distinct(1)(x) > 2\n`;
    expect((await outcome(opaque)).verdict).toBe('undecided');
  });

  it('finds what only one text in a million of the prior has', async () => {
    const rare = `${LETTERS.replace('max_tokens = 5', 'max_tokens = 30')}
e = count("ba") >= 9 and ends_with("bbb")
property "never": forall x in prior: not e(x)\n`;
    const { verdict, counterexample } = await outcome(rare);
    expect(verdict).toBe('fails');
    expect(counterexample!.texts[0].text.endsWith('bbb')).toBe(true);
  });

  it('finds the boundary of a count', async () => {
    const off = `${LETTERS}few = count("a") <= 3\nproperty "few": forall x in prior | few: count("a")(x) < 3\n`;
    const { counterexample } = await outcome(off);
    expect(counterexample?.texts[0].text).toBe('aaa');
  });
});

describe('seeds', () => {
  it('give the same counterexample every time, and the same on every machine', async () => {
    const program = `${LETTERS}property "p": forall x, y in prior: length(x) <= length(y) or count("b")(x) < 2\n`;
    const [a, b] = [await outcome(program, { seed: '7' }), await outcome(program, { seed: '7' })];
    expect({ ...a, milliseconds: 0 }).toEqual({ ...b, milliseconds: 0 });
    expect(a.counterexample?.texts.map((t) => t.text)).toEqual(['bb', '']);
    const other = await outcome(program, { seed: '8' });
    expect(other.verdict).toBe('fails');
  });
});

describe('speed', () => {
  it('1,000 runs on a finite-state prior in under a second', async () => {
    const program = `${LETTERS}q = prior * exp(count("a"))\nproperty "p": forall x, y: count("a")(x) >= count("a")(y) implies ratio(q, x) >= ratio(q, y)\n`;
    const times: number[] = [];
    for (let k = 0; k < 3; k++) {
      const { runs, milliseconds, verdict } = await outcome(program, { seed: String(k) });
      expect({ runs, verdict }).toEqual({ runs: 1000, verdict: 'holds' });
      times.push(milliseconds);
    }
    console.log(`1,000 runs of a pointwise property: ${Math.min(...times).toFixed(0)} ms at best of 3`);
    if (timed) expect(Math.min(...times)).toBeLessThan(1000);
    else expect(Math.min(...times)).toBeLessThan(5000);
  });
});
