import { nextWordEntropy } from './entropy-terms.ts';
import type { Standing } from './forward-pass.ts';
import type { PreparedTable } from './prepared-table.ts';

/** This step's part of E[log prior] in a settled state: the negative entropy of each context's next-word law. */
export function settledPriorTerms(prepared: PreparedTable, { domain, mass }: Standing): number {
  const entropy = nextWordEntropy(prepared);
  const { contexts, slot } = domain;
  const sum = new Float64Array(1);
  for (let i = 0; i < contexts.length; i++) {
    const own = mass[slot === undefined ? contexts[i] : i];
    if (own !== 0) sum[0] -= own * entropy[contexts[i]];
  }
  return sum[0];
}

/** The norms' part of E[log prior] in one step of a state that is not settled. */
export function normTerms({ table }: PreparedTable, { domain, mass, values }: Standing): number {
  const { norm } = table;
  const { contexts, slot } = domain;
  let sum = 0;
  if (norm === undefined) return sum;
  for (let i = 0; i < contexts.length; i++) {
    const h = contexts[i];
    const at = slot === undefined ? h : i;
    if (mass[at] !== 0 && norm[h] !== 1) sum -= mass[at] * values[at] * Math.log(norm[h]);
  }
  return sum;
}
