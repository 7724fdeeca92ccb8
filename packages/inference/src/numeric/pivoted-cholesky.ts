/** G ≈ P L Lᵀ Pᵀ on the rows and columns that were kept. */
export interface PivotedCholesky {
  /** Rows of G that were kept, K of them, in the order of L. */
  readonly pivots: Int32Array;
  /** Lower triangular, K × K: G[pivots, pivots] = L Lᵀ. */
  readonly factor: Float64Array;
}

/**
 * Cholesky's factor of a positive semidefinite n × n matrix G, the largest diagonal first, until none that is left is above `least`
 * (Higham 2002, section 10.3). With G the covariance of n variables those kept are the ones that the others do not tell: what is left
 * of any other's variance, given them, is at most `least`.
 */
export function pivotedCholesky(matrix: Float64Array, n: number, least: number): PivotedCholesky {
  const left = Float64Array.from({ length: n }, (_, i) => matrix[i * n + i]);
  const columns: Float64Array[] = [];
  const pivots: number[] = [];
  for (;;) {
    const pivot = left.reduce((best, d, i) => (d > left[best] ? i : best), 0);
    if (columns.length === n || !(left[pivot] > least)) break;
    const root = Math.sqrt(left[pivot]);
    const column = Float64Array.from({ length: n }, (_, i) => {
      let sum = matrix[i * n + pivot];
      for (const c of columns) sum -= c[i] * c[pivot];
      return sum / root;
    });
    columns.push(column);
    pivots.push(pivot);
    for (let i = 0; i < n; i++) left[i] -= column[i] * column[i];
    for (const p of pivots) left[p] = -Infinity;
  }
  const size = pivots.length;
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let k = 0; k <= i; k++) factor[i * size + k] = columns[k][pivots[i]];
  return { pivots: Int32Array.from(pivots), factor };
}

/** Solves L x = b in place, L lower triangular of n rows; b begins at `at`. */
export function solveLower(factor: Float64Array, n: number, b: Float64Array, at = 0): void {
  for (let i = 0; i < n; i++) {
    let sum = b[at + i];
    for (let k = 0; k < i; k++) sum -= factor[i * n + k] * b[at + k];
    b[at + i] = sum / factor[i * n + i];
  }
}

/** Solves Lᵀ x = b in place, L lower triangular of n rows; b begins at `at`. */
export function solveLowerTransposed(factor: Float64Array, n: number, b: Float64Array, at = 0): void {
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[at + i];
    for (let k = i + 1; k < n; k++) sum -= factor[k * n + i] * b[at + k];
    b[at + i] = sum / factor[i * n + i];
  }
}
