import { logNormalCdf } from '@postulate/graph';
import { describe, expect, test } from 'vitest';
import { digamma, logChoose, logGamma, logRise, rise } from '../../src/rewards/gamma.ts';
import { betaCdf, betaQuantile } from '../../src/rewards/incomplete-beta.ts';
import { betaBinomialLoss, meanVarianceLoss, SMALLEST_SHAPE } from '../../src/rewards/losses.ts';
import reference from './oracle/special.json' with { type: 'json' };

/** Within `error` of the reference, relative to it where it is above 1. */
function near(value: number, expected: number, error: number): void {
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(error * Math.max(1, Math.abs(expected)));
}

/** The x with softplus(x) = y. */
const inverseSoftplus = (y: number): number => (y > 30 ? y : Math.log(Math.expm1(y)));

describe('special functions against mpmath', () => {
  test('log Φ, in the tails too', () => {
    for (const [z, value] of reference.logNormalCdf) near(logNormalCdf(z), value, 1e-13);
  });
  test('log Γ and its derivative', () => {
    for (const [x, value] of reference.logGamma) near(logGamma(x), value, 1e-13);
    for (const [x, value] of reference.digamma) near(digamma(x), value, 1e-13);
  });
  test('log Γ(a + n) − log Γ(a), a far above n too', () => {
    for (const [a, n, value] of reference.logRise) near(logRise(a, n), value, 1e-13);
    for (const [n, k, value] of reference.logChoose) near(logChoose(n, k), value, 1e-13);
    near(rise(1e9, 7), 7e-9, 1e-15);
  });
  test('the beta distribution', () => {
    for (const [x, a, b, value] of reference.betaCdf) near(betaCdf(x, a, b), value, 1e-12);
    for (const [p, a, b, value] of reference.betaQuantile) near(betaQuantile(p, a, b), value, 1e-12);
  });
});

describe('losses against mpmath and scipy', () => {
  test('mean-variance: Φ itself, no logistic in its place', () => {
    for (const [mw, sw, ml, sl, exact, scipy] of reference.meanVariance) {
      const { loss } = meanVarianceLoss([mw, inverseSoftplus(sw)], [ml, inverseSoftplus(sl)]);
      near(loss, exact, 1e-12);
      near(loss, scipy, 1e-9);
    }
  });
  test('beta-binomial', () => {
    for (const [k, n, a, b, exact, scipy] of reference.betaBinomial) {
      const { loss } = betaBinomialLoss([a, b].map((v) => inverseSoftplus(v - SMALLEST_SHAPE)), k, n); // prettier-ignore
      near(loss, exact, 1e-11);
      // scipy's own log Γ loses digits where a and b are large.
      near(loss, scipy, a > 1e6 ? 1e-5 : 1e-9);
    }
  });
});
