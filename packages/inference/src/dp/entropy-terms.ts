import type { PreparedTable } from './prepared-table.ts';

/**
 * p·log p of each stored entry's weight and of what it replaces, split like the weights themselves: the sum over the
 * vocabulary of `w log w` in context h is, with the parent's sum S(h') of `w` and L(h') of `w log w`,
 * `backoff · (L(h') + log backoff · S(h')) + Σ plus − minus` over the entries.
 */
export interface EntropyTerms {
  readonly plus: Float64Array;
  readonly minus: Float64Array;
}

export function entropyTerms(p: PreparedTable): EntropyTerms {
  const { probs, targets } = p.table;
  const plus = new Float64Array(probs.length);
  const minus = new Float64Array(probs.length);
  for (let k = 0; k < probs.length; k++) {
    const own = probs[k] > 0 ? probs[k] * Math.log(probs[k]) : 0;
    const fall = p.fallback[k] > 0 ? p.fallback[k] * Math.log(p.fallback[k]) : 0;
    const same = targets[k] === p.fallTarget[k];
    plus[k] = same ? own - fall : own;
    minus[k] = same ? 0 : fall;
  }
  return { plus, minus };
}

const entropies = new WeakMap<PreparedTable, Float64Array>();

/** Entropy of the next-word law of every context, the end of sequence included; nats. */
export function nextWordEntropy(p: PreparedTable): Float64Array {
  let found = entropies.get(p);
  if (found === undefined) entropies.set(p, (found = computeEntropy(p)));
  return found;
}

function computeEntropy(p: PreparedTable): Float64Array {
  const { rowStart, parent, backoff, norm } = p.table;
  const terms = entropyTerms(p);
  const mass = new Float64Array(p.contexts);
  const logs = new Float64Array(p.contexts);
  const entropy = new Float64Array(p.contexts);
  for (const h of p.order) {
    const up = parent[h];
    const b = up === -1 ? 0 : backoff[h];
    mass[h] = b === 0 ? 0 : b * mass[up];
    logs[h] = b === 0 ? 0 : b * (logs[up] + Math.log(b) * mass[up]);
    for (let k = rowStart[h]; k < p.wordEnd[h]; k++) {
      mass[h] += p.plus[k] - p.minus[k];
      logs[h] += terms.plus[k] - terms.minus[k];
    }
    const n = norm?.[h] ?? 1;
    const end = p.rawEnd[h];
    const endLog = end > 0 ? end * Math.log(end) : 0;
    entropy[h] = -(logs[h] + endLog) / n + ((mass[h] + end) / n) * Math.log(n);
  }
  return entropy;
}
