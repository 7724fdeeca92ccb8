import type { BackoffTable } from '../port/index.ts';
import { denseRaw, rawWeight } from './table-lookup.ts';

/** Contexts in an order where each comes after the one it backs off to. */
function parentsFirst(parent: Int32Array): Int32Array {
  const order = new Int32Array(parent.length);
  const placed = new Uint8Array(parent.length);
  const stack: number[] = [];
  let count = 0;
  for (let context = 0; context < parent.length; context++) {
    for (let h = context; h !== -1 && placed[h] === 0; h = parent[h]) stack.push(h);
    while (stack.length > 0) {
      const h = stack.pop() as number;
      placed[h] = 1;
      order[count++] = h;
    }
  }
  return order;
}

function denseSum(table: BackoffTable, context: number, scratch: Float64Array): number {
  denseRaw(table, context, scratch);
  let sum = 0;
  for (const value of scratch) sum += value;
  return sum;
}

/**
 * N(h) = Σ_w raw(w | h) for every context, by
 * N(h) = Σ_{w stored} raw(w | h) + bo(h) · (N(h′) − Σ_{w stored} raw(w | h′)),
 * summed over the whole vocabulary instead where the difference would lose more than 1e-13 of N(h).
 */
export function contextSums(table: BackoffTable): Float64Array {
  const sums = new Float64Array(table.contexts);
  const scratch = new Float64Array(table.vocabularySize + 1);
  for (const h of parentsFirst(table.parent)) {
    const up = table.parent[h];
    let own = 0;
    let covered = 0;
    for (let k = table.rowStart[h]; k < table.rowStart[h + 1]; k++) {
      own += table.probs[k];
      if (up !== -1) covered += rawWeight(table, up, table.words[k]);
    }
    if (up === -1) sums[h] = own;
    else {
      const total = own + table.backoff[h] * (sums[up] - covered);
      const lost = table.backoff[h] * sums[up] * 1e-15;
      sums[h] = lost > 1e-13 * total ? denseSum(table, h, scratch) : total;
    }
  }
  return sums;
}

/** Whether raw(w | h) ≥ bo(h) · raw(w | h′) for all stored words. */
function isInterpolated(table: BackoffTable): boolean {
  for (let h = 0; h < table.contexts; h++) {
    const up = table.parent[h];
    if (up === -1) continue;
    for (let k = table.rowStart[h]; k < table.rowStart[h + 1]; k++) {
      if (table.probs[k] < table.backoff[h] * rawWeight(table, up, table.words[k])) return false;
    }
  }
  return true;
}

/** The same raw weights with `norm` and `interpolated` worked out. A context without any mass keeps the norm 1. */
export function normalised(table: BackoffTable): BackoffTable {
  const norm = contextSums(table).map((sum) => (sum > 0 ? sum : 1));
  return { ...table, norm, interpolated: isInterpolated(table) };
}

/** Whether all raw weights after a context are zero. */
function isEmpty(table: BackoffTable, context: number): boolean {
  for (let h = context; h !== -1; h = table.parent[h]) {
    for (let k = table.rowStart[h]; k < table.rowStart[h + 1]; k++) if (table.probs[k] > 0) return false;
    if (table.backoff[h] === 0) return true;
  }
  return true;
}

/** Whether the start, or a context that an n-gram of positive weight leads to, has no token of positive weight. */
export function hasDeadContext(table: BackoffTable): boolean {
  if (isEmpty(table, table.start)) return true;
  return table.targets.some((h, k) => h !== -1 && table.probs[k] > 0 && isEmpty(table, h));
}
