export type Matrix = number[][];

export function rowsOf(values: Float32Array, width: number): Matrix {
  return Array.from({ length: values.length / width }, (_, r) =>
    Array.from(values.subarray(r * width, (r + 1) * width)),
  );
}

/** x · W, with W given entry by entry as (in, out). */
export function times(x: Matrix, out: number, w: (i: number, o: number) => number): Matrix {
  return x.map((row) => Array.from({ length: out }, (_, o) => row.reduce((sum, v, i) => sum + v * w(i, o), 0)));
}

export const plus = (a: Matrix, b: Matrix): Matrix => a.map((row, r) => row.map((v, i) => v + b[r][i]));

export function logSoftmax(row: readonly number[]): number[] {
  const most = Math.max(...row);
  const norm = most + Math.log(row.reduce((sum, v) => sum + Math.exp(v - most), 0));
  return row.map((v) => v - norm);
}

/** Causal attention; `keyHeads` heads of keys and values serve `heads` of queries, neighbours sharing one. */
export function attention(q: Matrix, k: Matrix, v: Matrix, heads: number, keyHeads: number, size: number): Matrix {
  return q.map((row, t) =>
    Array.from({ length: heads }, (_, h) => {
      const from = Math.floor(h / (heads / keyHeads)) * size;
      const query = row.slice(h * size, (h + 1) * size);
      const scores = k
        .slice(0, t + 1)
        .map((key) => query.reduce((s, x, i) => s + x * key[from + i], 0) / Math.sqrt(size));
      const weights = logSoftmax(scores).map(Math.exp);
      return query.map((_x, i) => weights.reduce((s, w, u) => s + w * v[u][from + i], 0));
    }).flat(),
  );
}
