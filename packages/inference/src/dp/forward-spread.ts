import { placeOf, type Domain } from './domains.ts';
import { nextWordEntropy, type EntropyTerms } from './entropy-terms.ts';
import type { Pass } from './forward-pass.ts';
import type { PreparedTable } from './prepared-table.ts';

/** The mass of one product state at one position. */
export interface Standing {
  readonly domain: Domain;
  /** Indexed as the domain's arrays are. */
  readonly mass: Float64Array;
  /** Weight of ending here. */
  readonly end: number;
  /** Values of the state at the position. */
  readonly values: Float64Array;
}

/** Turns the mass that is in each context into how often each row is used, back-off included; returns what ends. */
export function spread(pass: Pass, { domain, mass, end }: Standing): number {
  const { usage } = pass;
  const { rawEnd, table } = pass.b.prepared;
  const { norm, parent, backoff } = table;
  const { contexts: order, slot } = domain;
  let ended = 0;
  for (let i = 0; i < order.length; i++) {
    const h = order[i];
    const own = mass[slot === undefined ? h : i];
    const used = norm === undefined ? own : own / norm[h];
    usage[h] = used;
    ended += used * rawEnd[h];
  }
  for (let i = order.length - 1; i >= 0; i--) {
    const h = order[i];
    const up = parent[h];
    if (up !== -1) usage[up] += backoff[h] * usage[h];
  }
  return ended * end;
}

/**
 * What the entries do not tell of this step's part of E[log prior]: back-off weights, ends and norms. To be called
 * after `spread`, in a state that is not settled.
 */
export function priorTerms(
  { usage, b }: Pass,
  { domain, mass, end, values }: Standing,
  { logBackoff, rawEndLog }: EntropyTerms,
): number {
  const { rawEnd, table } = b.prepared;
  const { norm, parent, backoff } = table;
  const { contexts: order, slot } = domain;
  let fallen = 0;
  let rest = 0;
  for (let i = 0; i < order.length; i++) {
    const h = order[i];
    const up = parent[h];
    const passed = up === -1 ? 0 : backoff[h] * usage[h];
    if (passed !== 0) {
      const words = values[placeOf(slot, up)] * (norm === undefined ? 1 : norm[up]) - rawEnd[up] * end;
      if (words > 0) fallen += passed * logBackoff[h] * words;
    }
    const own = mass[slot === undefined ? h : i];
    if (own === 0) continue;
    const n = norm === undefined ? 1 : norm[h];
    rest += (own / n) * rawEndLog[h] * end;
    if (n !== 1) rest -= own * values[slot === undefined ? h : i] * Math.log(n);
  }
  return fallen + rest;
}

/** This step's part of E[log prior] in a settled state: the negative entropy of each context's next-word law. */
export function settledPriorTerms(prepared: PreparedTable, { domain, mass }: Standing): number {
  const entropy = nextWordEntropy(prepared);
  const { contexts, slot } = domain;
  let sum = 0;
  for (let i = 0; i < contexts.length; i++) {
    const own = mass[slot === undefined ? contexts[i] : i];
    if (own !== 0) sum -= own * entropy[contexts[i]];
  }
  return sum;
}
