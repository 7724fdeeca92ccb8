import { describe, expect, it } from 'vitest';
import { seededChooser } from '@postulate/inference';
import { bettingInterval, normalInterval, type Interval } from '../../src/index.ts';
import { runs, slow } from '../slow.ts';

type Draw = (uniform: () => number) => { readonly value: number; readonly weight: number };

interface Setting {
  readonly name: string;
  readonly draw: Draw;
  readonly range: Interval;
  /** E[ω v] / E[ω]. */
  readonly mean: number;
  /** Standard deviation of ω (v − mean) over E[ω]. */
  readonly sd: number;
  /** Power wanted at 8 standard errors; a rare event varies more where it is claimed to be less rare. */
  readonly least: number;
}

const fair: Setting = {
  name: 'a fair coin',
  draw: (u) => ({ value: u() < 0.5 ? 1 : 0, weight: 1 }),
  range: { low: 0, high: 1 },
  mean: 0.5,
  sd: 0.5,
  least: 0.95,
};
const rare: Setting = {
  name: 'a rare event',
  draw: (u) => ({ value: u() < 0.01 ? 1 : 0, weight: 1 }),
  range: { low: 0, high: 1 },
  mean: 0.01,
  sd: Math.sqrt(0.01 * 0.99),
  least: 0.7,
};
const weighted: Setting = {
  name: 'weighted draws of a count',
  // Values 0 … 3, equally likely, with weights 1, 1/2, 1/4, 1/8.
  draw: (u) => {
    const value = Math.floor(4 * u());
    return { value, weight: 2 ** -value };
  },
  range: { low: 0, high: 10 },
  mean: (0.5 + 0.5 + 0.375) / 1.875,
  sd: (() => {
    const mean = 1.375 / 1.875;
    const square = [0, 1, 2, 3].reduce((s, v) => s + (2 ** -v * (v - mean)) ** 2, 0) / 4;
    return Math.sqrt(square) / (1.875 / 4);
  })(),
  least: 0.95,
};

const HORIZON = 4096;
const ALPHA = 1e-3;

/** Whether `claim` is ruled out at any look of a run of 256, 512, … draws. */
function ruledOut({ draw, range }: Setting, claim: number, seed: string, proved = true): boolean {
  const uniform = seededChooser(seed).uniform!;
  const values = new Float64Array(HORIZON);
  const weights = new Float64Array(HORIZON);
  let known: Interval = proved ? range : { low: -Infinity, high: Infinity };
  let size = 0;
  for (let wanted = 512; wanted <= HORIZON; wanted *= 2) {
    for (; size < wanted; size++) ({ value: values[size], weight: weights[size] } = draw(uniform));
    const data = { values: values.subarray(0, size), weights: weights.subarray(0, size), size };
    const now = proved ? bettingInterval(data, range, known, ALPHA, HORIZON) : normalInterval(data, ALPHA, HORIZON);
    known = { low: Math.max(known.low, now.low), high: Math.min(known.high, now.high) };
    if (claim < known.low || claim > known.high) return true;
  }
  return false;
}

function share(setting: Setting, off: number, seeds: number, proved = true): number {
  const claim = setting.mean + (off * setting.sd) / Math.sqrt(HORIZON);
  let out = 0;
  for (let s = 0; s < seeds; s++) if (ruledOut(setting, claim, `${setting.name} ${s}`, proved)) out++;
  return out / seeds;
}

describe('confidence sequences', () => {
  /**
   * The stated rate is 1e-3 a statement, so of 1,000 true ones about one may be refused; more than 9 refused would happen with
   * probability below 1e-6 (binomial) if the rate were as stated.
   */
  it.each([fair, rare, weighted])('$name: false alarms over seeds are at most as stated', { timeout: 600_000 }, (s) => {
    const seeds = runs(150, 1000);
    const alarms = Math.round(share(s, 0, seeds) * seeds);
    console.log(`${s.name}: ${alarms} of ${seeds} true statements refused at a stated rate of ${ALPHA}`);
    expect(alarms).toBeLessThanOrEqual(seeds >= 1000 ? 9 : 5);
  });

  it('power at 1, 2 and 5 standard errors of the whole budget', { timeout: 600_000 }, () => {
    const seeds = runs(40, 400);
    for (const s of [fair, rare, weighted]) {
      const [one, two, five, eight] = [1, 2, 5, 8].map((off) => share(s, off, seeds));
      const percents = [one, two, five, eight].map((x) => `${(100 * x).toFixed(1)}%`);
      console.log(`${s.name}: refused when off by 1, 2, 5, 8 standard errors: ${percents.join(', ')} of ${seeds}`);
      expect(five).toBeGreaterThan(0.2);
      expect(eight).toBeGreaterThan(s.least);
    }
  });

  it.runIf(slow)('the normal mixture keeps its rate too', { timeout: 600_000 }, () => {
    const seeds = runs(100, 1000);
    expect(Math.round(share(weighted, 0, seeds, false) * seeds)).toBeLessThanOrEqual(9);
  });
});
