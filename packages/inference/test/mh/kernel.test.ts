import { describe, expect, it } from 'vitest';
import { PRIOR, target } from '../bind/support.ts';
import { independenceKernel, mixed, secondEigenvalue, suffixKernel } from './formula.ts';
import { asSession } from '../support/decoded.ts';
import { engineKernel, posterior, texts, times } from './support.ts';

/** Posteriors in which texts of every length, finished ones and ones that are stopped have different weights. */
const POSTERIORS = [
  'prior * exp(count("b"))',
  'prior | not contains("bb")',
  'prior * exp(count("b")) | not contains("bb")',
  'prior * exp(-1.5 * length)',
  'prior * exp(2 * length) | contains("b")',
  'prior * exp(3 * indicator(finished))',
  'prior | not finished',
];
const OTHER =
  'prior = bigram({ "^": { "a": 0.2, "b": 0.5, "$": 0.3 }, "a": { "a": 0.6, "b": 0.1, "$": 0.3 }, "b": { "a": 0.1, "b": 0.4, "$": 0.5 } }, max_tokens = 3)\n';
/** Never begins with "a" and never ends by itself after "b": states that it cannot propose have weight +∞. */
const NARROW =
  'prior = bigram({ "^": { "b": 0.7, "$": 0.3 }, "a": { "a": 0.6, "b": 0.1, "$": 0.3 }, "b": { "a": 0.6, "b": 0.4 } }, max_tokens = 3)\n';

const program = (p: string): string => `${PRIOR}posterior = ${p}`;

function close(found: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  found.forEach((row, i) => row.forEach((x, j) => expect(Math.abs(x - expected[i][j])).toBeLessThan(1e-12)));
}

describe.each(POSTERIORS)('the kernel on %s', (p) => {
  it.each([
    ['independence', 1],
    ['suffix', 0],
    ['both', 0.3],
  ])('of %s moves is the one of the formula and leaves the posterior as it is', async (_, independence) => {
    const t = await target(program(p));
    const { support, p: masses } = await posterior(t);
    const expected = mixed(
      independence,
      independenceKernel(
        support,
        support.map((x) => x.prior),
      ),
      suffixKernel(support, await texts(t)),
    );
    for (const version of [t, asSession(t), asSession(t, true)]) {
      const { matrix } = await engineKernel(version, { independence });
      close(matrix, expected);
      close([times(masses, matrix)], [masses]);
      matrix.forEach((row, i) =>
        row.forEach((x, j) => expect(Math.abs(masses[i] * x - masses[j] * matrix[j][i])).toBeLessThan(1e-12)),
      );
      // Every text can be reached: some power of the kernel has no zero.
      let power = matrix;
      for (let k = 0; k < 4; k++) power = power.map((row) => times(row, power));
      for (const row of power) for (const x of row) expect(x).toBeGreaterThan(0);
    }
  });

  it.each([
    ['another law', OTHER, 1],
    ['another law, with suffixes', OTHER, 0.5],
    ['a law that misses texts, with suffixes', NARROW, 0.5],
  ])('proposing from %s leaves the posterior as it is', async (_, other, independence) => {
    const t = await target(program(p));
    const proposal = (await target(`${other}posterior = prior * exp(length)`)).prior;
    const { support, p: masses } = await posterior(t);
    const { matrix } = await engineKernel(t, { independence }, proposal);
    close([times(masses, matrix)], [masses]);
    const q = new Map((await texts({ ...t, prior: proposal })).map((x) => [x.key, x.prior]));
    const suffix = suffixKernel(support, await texts(t));
    close(
      matrix,
      mixed(
        independence,
        independenceKernel(
          support,
          support.map((x) => q.get(x.key) ?? 0),
        ),
        suffix,
      ),
    );
  });
});

describe('golden values of the independence kernel', () => {
  it('acceptance and second eigenvalue under the reward #b', async () => {
    const t = await target(program('prior * exp(count("b"))'));
    const { p } = await posterior(t);
    const { matrix, acceptance } = await engineKernel(t, { independence: 1 });
    expect(p.reduce((sum, x, i) => sum + x * acceptance[i], 0)).toBeCloseTo(0.4675273143, 10);
    expect(secondEigenvalue(matrix, p)).toBeCloseTo(0.7911797901, 10);
  });
});
