/** An optimum of a linear program: its value and where it is attained. */
export interface Optimum {
  readonly value: number;
  readonly at: Float64Array;
}

const TOLERANCE = 1e-11;
const MAX_PIVOTS = 10_000;

/**
 * max c·z subject to A z = b, z ≥ 0, by the two-phase simplex method with Bland's rule (Bland 1977), so that it ends.
 * `rows` are those of A, few; columns may be many. Undefined where nothing is feasible, or the program is unbounded.
 */
export function maximise(c: Float64Array, rows: readonly Float64Array[], b: readonly number[]): Optimum | undefined {
  const n = c.length;
  const m = rows.length;
  // Tableau columns: n variables, m artificial ones, right-hand side.
  const width = n + m + 1;
  const tableau = rows.map((row, i) => {
    const sign = b[i] < 0 ? -1 : 1;
    const out = new Float64Array(width);
    for (let j = 0; j < n; j++) out[j] = sign * row[j];
    out[n + i] = 1;
    out[width - 1] = sign * b[i];
    return out;
  });
  const basis = Array.from({ length: m }, (_, i) => n + i);
  const phaseOne = new Float64Array(n + m);
  phaseOne.fill(-1, n);
  if (!pivotToOptimum(tableau, basis, phaseOne, n)) return undefined;
  const infeasible = basis.reduce((sum, j, i) => (j >= n ? sum + tableau[i][width - 1] : sum), 0);
  if (infeasible > 1e-9) return undefined;
  const phaseTwo = new Float64Array(n + m);
  phaseTwo.set(c);
  if (!pivotToOptimum(tableau, basis, phaseTwo, n)) return undefined;
  const at = new Float64Array(n);
  basis.forEach((j, i) => {
    if (j < n) at[j] = tableau[i][width - 1];
  });
  return { value: at.reduce((sum, z, j) => sum + z * c[j], 0), at };
}

/** Pivots until no column below `columns` improves; false where the program is unbounded or does not settle. */
function pivotToOptimum(tableau: Float64Array[], basis: number[], cost: Float64Array, columns: number): boolean {
  for (let pivots = 0; pivots < MAX_PIVOTS; pivots++) {
    const entering = enteringColumn(tableau, basis, cost, columns);
    if (entering === -1) return true;
    const leaving = leavingRow(tableau, basis, entering, columns);
    if (leaving === -1) return false;
    pivot(tableau, leaving, entering);
    basis[leaving] = entering;
  }
  return false;
}

function enteringColumn(tableau: Float64Array[], basis: number[], cost: Float64Array, columns: number): number {
  for (let j = 0; j < columns; j++) {
    if (basis.includes(j)) continue;
    let reduced = cost[j];
    for (let i = 0; i < tableau.length; i++) reduced -= cost[basis[i]] * tableau[i][j];
    if (reduced > TOLERANCE) return j;
  }
  return -1;
}

function leavingRow(tableau: Float64Array[], basis: number[], column: number, columns: number): number {
  let best = -1;
  let ratio = Infinity;
  for (let i = 0; i < tableau.length; i++) {
    const row = tableau[i];
    const entry = row[column];
    // An artificial variable left in the basis at 0 must not grow again: it leaves on any entry.
    if (basis[i] >= columns && Math.abs(entry) > TOLERANCE && row[row.length - 1] <= TOLERANCE) return i;
    if (entry <= TOLERANCE) continue;
    const r = row[row.length - 1] / entry;
    if (r < ratio - TOLERANCE || (r <= ratio + TOLERANCE && best !== -1 && basis[i] < basis[best])) {
      ratio = Math.min(ratio, r);
      best = i;
    }
  }
  return best;
}

function pivot(tableau: Float64Array[], r: number, column: number): void {
  const row = tableau[r];
  const by = row[column];
  for (let j = 0; j < row.length; j++) row[j] /= by;
  for (let i = 0; i < tableau.length; i++) {
    const factor = tableau[i][column];
    if (i === r || factor === 0) continue;
    const other = tableau[i];
    for (let j = 0; j < row.length; j++) other[j] -= factor * row[j];
  }
}
