import type { PreparedTable } from './prepared-table.ts';

/**
 * p·log p of each stored entry's weight and of what it replaces, split like the weights themselves: the sum over the
 * vocabulary and the end of `w log w` in context h is, with the parent's sum S(h') of `w` and L(h') of `w log w`,
 * `backoff · L(h') + backoff log backoff · S(h') + Σ plus − minus` over the entries.
 */
export interface EntropyTerms {
  readonly plus: Float64Array;
  readonly minus: Float64Array;
  /** The same of each context's back-off weight. */
  readonly backoff: Float64Array;
}

const kept = new WeakMap<PreparedTable, EntropyTerms>();

export function entropyTerms(p: PreparedTable): EntropyTerms {
  let found = kept.get(p);
  if (found === undefined) kept.set(p, (found = computeTerms(p)));
  return found;
}

function computeTerms(p: PreparedTable): EntropyTerms {
  const { table, fallback, fallTarget } = p;
  const { targets } = table;
  const plus = timesLog(table.probs);
  const minus = timesLog(fallback);
  for (let k = 0; k < plus.length; k++) {
    if (targets[k] !== fallTarget[k]) continue;
    plus[k] -= minus[k];
    minus[k] = 0;
  }
  return { plus, minus, backoff: timesLog(table.backoff) };
}

/** p·log p of each number. A loop, since a callback would have every number put on the heap. */
function timesLog(numbers: Float64Array): Float64Array {
  const result = new Float64Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) if (numbers[i] > 0) result[i] = numbers[i] * Math.log(numbers[i]);
  return result;
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
  const { plus, minus } = terms;
  const mass = new Float64Array(p.contexts);
  const logs = new Float64Array(p.contexts);
  const entropy = new Float64Array(p.contexts);
  for (let i = 0; i < p.contexts; i++) {
    const h = p.order[i];
    const up = parent[h];
    let sum = up === -1 ? 0 : backoff[h] * mass[up];
    let log = up === -1 ? 0 : backoff[h] * logs[up] + terms.backoff[h] * mass[up];
    for (let k = rowStart[h], to = rowStart[h + 1]; k < to; k++) {
      sum += p.plus[k] - p.minus[k];
      log += plus[k] - minus[k];
    }
    mass[h] = sum;
    logs[h] = log;
    const n = norm === undefined ? 1 : norm[h];
    entropy[h] = n === 1 ? -log : (sum * Math.log(n) - log) / n;
  }
  return entropy;
}
