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
