import { describe, expect, it } from 'vitest';
import { exactDivergences, listTarget } from '../../src/index.ts';
import {
  acceptanceAt,
  excessOver,
  totalVariationAt,
  tradeOff,
  tradeOffCurve,
} from '../../src/engines/qrs/trade-off.ts';
import { chooseThreshold } from '../../src/engines/qrs/threshold.ts';
import { qrsEngine } from '../../src/engines/qrs/index.ts';
import { PRIOR, target } from '../bind/support.ts';

/** Acceptance rate and total variation of the fixture "soft, beta 1" at some thresholds, from rational arithmetic. */
const GOLDEN = [
  [1, 1, 0.4357397751],
  [2, 0.78, 0.3584577238],
  [5, 0.5174857206, 0.2142291036],
  [Math.exp(2), 0.4387610448, 0.188224771],
  [Math.exp(3), 0.2088202099, 0],
] as const;

const soft = `${PRIOR}nb = count("b")\nposterior = prior * exp(nb)`;

/** All prior probabilities are multiples of 1/1000: a sample of 1000 in which each text is as often as expected. */
async function proportional(): Promise<Float64Array> {
  const { listing, logFactor } = (await listTarget(await target(soft), 100))!;
  const copies = Array.from(listing.logPrior, (l, i) =>
    new Array<number>(Math.round(1000 * Math.exp(l))).fill(logFactor[i]),
  );
  return Float64Array.from(copies.flat());
}

describe('the trade-off of a threshold', () => {
  it.each(GOLDEN)('M = %d: acceptance %d, total variation %d', async (m, acceptance, tv) => {
    const { listing, logP, logFactor } = (await listTarget(await target(soft), 100))!;
    const logM = Math.log(m);
    const quasi = logFactor.map((w, i) => listing.logPrior[i] + Math.min(w, logM));
    const exact = exactDivergences(logP, quasi, false);
    expect(exact.tv).toBeCloseTo(tv, 9);
    const weights = await proportional();
    expect(weights).toHaveLength(1000);
    const point = tradeOff(weights, logM);
    expect(point.acceptanceRate.value).toBeCloseTo(acceptance, 9);
    expect(point.tv.value).toBeCloseTo(tv, 9);
    expect(point.kl.value).toBeCloseTo(exact.klForward, 9);
    expect(acceptanceAt(weights, logM)).toBeCloseTo(acceptance, 9);
    expect(totalVariationAt(weights, logM)).toBeCloseTo(tv, 9);
    expect(point.tvBound.value).toBeGreaterThanOrEqual(tv - 1e-12);
  });

  it('bounds the total variation by the mass above M, and texts that tie with M are not above it', async () => {
    const weights = await proportional();
    // Texts with three b have P(bbb) = 0.3591606389, all others lie at e² or below: 0.710 at the next lower weight.
    expect(tradeOff(weights, 2).tvBound.value).toBeCloseTo(0.3591606389, 9);
    expect(tradeOff(weights, 2 - 1e-13).tvBound.value).toBeCloseTo(0.3591606389, 9);
    expect(tradeOff(weights, 2 - 1e-6).tvBound.value).toBeGreaterThan(0.7);
    expect(excessOver(2, 2 + 1e-13)).toBe(0);
    expect(excessOver(2, 2 - 1e-13)).toBe(0);
    expect(excessOver(2, -Infinity)).toBe(-Infinity);
  });

  it('is a curve: total variation falls and acceptance falls', async () => {
    const curve = tradeOffCurve(await proportional(), 1.7);
    expect(curve.map((p) => p.logThreshold)).toContain(1.7);
    for (let i = 1; i < curve.length; i++) {
      expect(curve[i].logThreshold).toBeGreaterThan(curve[i - 1].logThreshold);
      expect(curve[i].tv.value).toBeLessThanOrEqual(curve[i - 1].tv.value + 1e-12);
      expect(curve[i].acceptanceRate.value).toBeLessThanOrEqual(curve[i - 1].acceptanceRate.value + 1e-12);
    }
    expect(curve[curve.length - 1].tv.value).toBeCloseTo(0, 12);
  });
});

describe('the threshold', () => {
  const options = qrsEngine.defaults;

  it('meets the acceptance rate or the total variation on the pilot', async () => {
    const pilot = await proportional();
    const byRate = chooseThreshold({ ...options, acceptance: 0.5174857206 }, pilot, Infinity);
    expect(Math.exp(byRate.logThreshold)).toBeCloseTo(5, 7);
    const byTv = chooseThreshold({ ...options, tv: 0.3584577238 }, pilot, Infinity);
    expect(Math.exp(byTv.logThreshold)).toBeCloseTo(2, 7);
    expect(byTv.reason).toContain('M = 2.000, the least with a total variation of 0.3584577238 on 1000 pilot texts');
  });

  it('goes above the largest weight seen where the rate allows it, up to a proved bound', async () => {
    const pilot = await proportional();
    const far = chooseThreshold({ ...options, acceptance: 0.1 }, pilot, Infinity);
    expect(Math.exp(far.logThreshold)).toBeCloseTo(41.942660359, 5);
    const capped = chooseThreshold({ ...options, acceptance: 0.1 }, pilot, 3);
    expect(capped).toMatchObject({ logThreshold: 3 });
    expect(capped.reason).toContain('exact rejection');
  });

  it('is the least weight where fewer texts are alive than are to be accepted', () => {
    const pilot = Float64Array.from({ length: 100 }, (_, i) => (i < 3 ? 1 + i : -Infinity));
    const found = chooseThreshold(options, pilot, Infinity);
    expect(found.logThreshold).toBe(1);
    expect(found.reason).toContain('only 3.00% of them have positive weight');
  });

  it('is taken as given', () => {
    expect(chooseThreshold({ ...options, threshold: 5 }, new Float64Array(0), Infinity).logThreshold).toBe(Math.log(5));
  });
});
