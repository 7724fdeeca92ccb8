import type { Text } from './support.ts';

/** Adds to the diagonal what is missing in each row: the moves that are rejected. */
function withRejections(rows: readonly number[][]): number[][] {
  return rows.map((row, i) => {
    const left = 1 - row.reduce((a, b) => a + b, 0);
    return row.map((mass, j) => (i === j ? mass + left : mass));
  });
}

/** Independence kernel over `support` from its definition, for proposals q(x). */
export function independenceKernel(support: readonly Text[], q: readonly number[]): number[][] {
  const w = support.map((x, i) => (x.prior * x.phi) / q[i]);
  return withRejections(
    support.map((_, i) => support.map((_, j) => (q[j] === 0 ? 0 : q[j] * Math.min(1, w[j] / w[i])))),
  );
}

/**
 * Suffix kernel over `support` from the general acceptance ratio P(x′) c(t|x′) k(x|t) / (P(x) c(t|x) k(x′|t)) with
 * k(x|t) = prior(x) / prior mass of all texts that share the first t tokens and go on from there; `all` are the texts of
 * the prior. A text can be cut where the prior makes a choice that it could have made otherwise: before a token or an end.
 */
export function suffixKernel(support: readonly Text[], all: readonly Text[]): number[][] {
  const places = (x: Text): number[] => {
    const cuts = Array.from(x.tokens.keys());
    return x.finished ? [...cuts, x.tokens.length] : cuts;
  };
  const shares = (x: Text, y: Text, t: number): boolean =>
    x.tokens.length >= t && y.tokens.length >= t && x.tokens.subarray(0, t).join() === y.tokens.subarray(0, t).join();
  return withRejections(
    support.map((x) =>
      support.map((y) => {
        let sum = 0;
        for (const t of places(x)) {
          if (!shares(x, y, t) || !places(y).includes(t)) continue;
          const mass = all.filter((z) => shares(x, z, t)).reduce((m, z) => m + z.prior, 0);
          const forth = y.prior / mass / places(x).length;
          const back = x.prior / mass / places(y).length;
          sum += forth * Math.min(1, (y.prior * y.phi * back) / (x.prior * x.phi * forth));
        }
        return sum;
      }),
    ),
  );
}

export function mixed(share: number, a: readonly number[][], b: readonly number[][]): number[][] {
  return a.map((row, i) => row.map((x, j) => share * x + (1 - share) * b[i][j]));
}

/** Second largest eigenvalue of a kernel that is reversible under p, by power iteration beside √p. */
export function secondEigenvalue(matrix: readonly (readonly number[])[], p: readonly number[]): number {
  const root = p.map(Math.sqrt);
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
  let v = p.map((_, i) => Math.sin(i + 1));
  let value = 0;
  for (let step = 0; step < 5000; step++) {
    const along = dot(v, root);
    v = v.map((x, i) => x - along * root[i]);
    const length = Math.sqrt(dot(v, v));
    v = v.map((x) => x / length);
    const next = v.map((_, i) =>
      dot(
        v,
        matrix[i].map((k, j) => (root[i] * k) / root[j]),
      ),
    );
    value = dot(v, next);
    v = next;
  }
  return value;
}
