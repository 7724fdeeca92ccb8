import { describe, expect, it } from 'vitest';
import {
  minimiseSmooth,
  pivotedCholesky,
  solveLower,
  solveLowerTransposed,
  type Smooth,
} from '../../src/numeric/index.ts';

describe('the minimum of a convex function', () => {
  it('is found of a quadratic form that is narrow, from anywhere', () => {
    const scales = Float64Array.from({ length: 20 }, (_, i) => 10 ** (i / 10));
    const bowl: Smooth = (x, gradient) =>
      x.reduce((sum, v, i) => {
        gradient[i] = scales[i] * (v - i);
        return sum + (scales[i] / 2) * (v - i) ** 2;
      }, 0);
    const { x, value, iterations } = minimiseSmooth(bowl, new Float64Array(20), 200, 1e-14);
    x.forEach((v, i) => expect(v).toBeCloseTo(i, 5));
    expect(value).toBeLessThan(1e-10);
    expect(iterations).toBeLessThan(200);
  });

  it('is found of a logistic regression, where its gradient is zero', () => {
    const rows = Array.from({ length: 50 }, (_, j) => [1, Math.sin(j), Math.cos(3 * j)]);
    const wanted = rows.map((r) => 1 / (1 + Math.exp(-(0.5 - 2 * r[1] + r[2]))));
    const loss: Smooth = (w, gradient) => {
      gradient.fill(0);
      return rows.reduce((sum, r, j) => {
        const z = r.reduce((s, x, k) => s + x * w[k], 0);
        r.forEach((x, k) => (gradient[k] += x * (1 / (1 + Math.exp(-z)) - wanted[j])));
        return sum + Math.log1p(Math.exp(z)) - wanted[j] * z;
      }, 0);
    };
    const { x } = minimiseSmooth(loss, new Float64Array(3), 100, 1e-14);
    [0.5, -2, 1].forEach((w, k) => expect(x[k]).toBeCloseTo(w, 5));
  });

  it('stops where it stands at the minimum, and after as many iterations as it may take', () => {
    const square: Smooth = (x, gradient) => {
      gradient[0] = 4 * x[0] ** 3;
      return x[0] ** 4;
    };
    expect(minimiseSmooth(square, Float64Array.of(0), 10, 0)).toMatchObject({ value: 0, iterations: 0 });
    expect(minimiseSmooth(square, Float64Array.of(3), 2, 0).iterations).toBe(2);
  });
});

describe('Cholesky with pivots', () => {
  /** Covariance of three numbers and a fourth, 0.5 a + 0.5 b. */
  const A = [
    [4, 2, 0.5],
    [2, 3, 0.25],
    [0.5, 0.25, 1],
  ];
  const mix = [...A[0].keys()].map((k) => (A[0][k] + A[1][k]) / 2);
  const G = Float64Array.from([...A.map((row, i) => [...row, mix[i]]), [...mix, (mix[0] + mix[1]) / 2]].flat());

  it('keeps what the others do not tell, the largest first', () => {
    const { pivots, factor } = pivotedCholesky(G, 4, 1e-9);
    expect([...pivots]).toEqual([0, 1, 2]);
    const product = (i: number, j: number): number =>
      [0, 1, 2].reduce((sum, k) => sum + factor[i * 3 + k] * factor[j * 3 + k], 0);
    pivots.forEach((p, i) => pivots.forEach((q, j) => expect(product(i, j)).toBeCloseTo(G[p * 4 + q], 12)));
    // What is left of the third variable once the first is known is 1 − 0.5² / 4 and no more is asked.
    expect([...pivotedCholesky(G, 4, 0.95).pivots]).toEqual([0, 1]);
    expect(pivotedCholesky(G, 4, 5).pivots).toHaveLength(0);
  });

  it('solves with its factor and its transpose', () => {
    const { factor } = pivotedCholesky(G, 4, 1e-9);
    const b = Float64Array.of(9, 1, -2, 3);
    solveLower(factor, 3, b, 1);
    solveLowerTransposed(factor, 3, b, 1);
    // L Lᵀ x = b, L Lᵀ = A.
    const back = A.map((row) => row.reduce((sum, a, k) => sum + a * b[k + 1], 0));
    [1, -2, 3].forEach((x, k) => expect(back[k]).toBeCloseTo(x, 12));
    expect(b[0]).toBe(9);
  });
});
