import { logSumExp } from '../../numeric/index.ts';

type Row = ArrayLike<number>;

/**
 * log of changed^fusion · prior^(1 − fusion), normalised, over the tokens that the prior allows; with `topK` over the likeliest of them
 * (equal ones at the end of the cut included, so that no order decides). Writes into `out`.
 */
export function fuse(prior: Row, changed: Row, fusion: number, topK: number, out: Float64Array): void {
  for (let v = 0; v < out.length; v++) {
    out[v] = prior[v] === -Infinity ? -Infinity : (1 - fusion) * prior[v] + (fusion === 0 ? 0 : fusion * changed[v]);
  }
  if (topK > 0 && topK < out.length) {
    const least = Float64Array.from(out).sort()[out.length - topK];
    for (let v = 0; v < out.length; v++) if (out[v] < least) out[v] = -Infinity;
  }
  const total = logSumExp(out);
  for (let v = 0; v < out.length; v++) out[v] -= total;
}
