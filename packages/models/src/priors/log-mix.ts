/** log Σ_c w_c exp(rows[c][i]) for each i, nats. */
export function logMix(weights: readonly number[], rows: readonly ArrayLike<number>[], size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => {
    let most = -Infinity;
    for (const row of rows) most = Math.max(most, row[i]);
    if (most === -Infinity) return -Infinity;
    let sum = 0;
    rows.forEach((row, c) => (sum += weights[c] * Math.exp(row[i] - most)));
    return most + Math.log(sum);
  });
}
