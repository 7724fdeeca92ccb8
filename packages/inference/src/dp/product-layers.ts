import type { Product } from '../machine/index.ts';
import type { Backward } from './backward.ts';

/** Number of (position, product state, context) triples that a pass over `product` visits: all, and at one position. */
export function liveCount(b: Backward, product: Product): { readonly total: number; readonly widest: number } {
  const width = product.machines.length;
  const size = (p: number): number => b.domains[product.parts[p * width]].contexts.length;
  let layer = new Set([0]);
  let total = size(0);
  let widest = total;
  for (let t = 0; t < b.plan.maxTokens; t++) {
    const after = new Set<number>();
    for (const p of layer) {
      for (let c = 0; c < product.classes; c++) {
        const q = product.next[p * product.classes + c];
        if (b.values[(t + 1) * b.plan.states + product.parts[q * width]] !== undefined) after.add(q);
      }
    }
    layer = after;
    const cells = [...layer].reduce((n, p) => n + size(p), 0);
    total += cells;
    widest = Math.max(widest, cells);
  }
  return { total, widest };
}
