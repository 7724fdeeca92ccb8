import type { PreparedTable } from './prepared-table.ts';

/**
 * p·log p of each stored entry's weight and of what it replaces, split like the weights themselves: the sum over the
 * vocabulary of `w log w` in context h is, with the parent's sum S(h') of `w` and L(h') of `w log w`,
 * `backoff · (L(h') + log backoff · S(h')) + Σ plus − minus` over the entries.
 */
export interface EntropyTerms {
  readonly plus: Float64Array;
  readonly minus: Float64Array;
  /** Per context; −∞ where nothing falls back. */
  readonly logBackoff: Float64Array;
  /** Per context: p·log p of the raw weight of the end of sequence. */
  readonly rawEndLog: Float64Array;
}

const kept = new WeakMap<PreparedTable, EntropyTerms>();

export function entropyTerms(p: PreparedTable): EntropyTerms {
  let found = kept.get(p);
  if (found === undefined) kept.set(p, (found = computeTerms(p)));
  return found;
}

const timesLog = (p: number): number => (p > 0 ? p * Math.log(p) : 0);

function computeTerms(p: PreparedTable): EntropyTerms {
  const { probs, targets, backoff } = p.table;
  const plus = new Float64Array(probs.length);
  const minus = new Float64Array(probs.length);
  for (let k = 0; k < probs.length; k++) {
    const own = timesLog(probs[k]);
    const fall = timesLog(p.fallback[k]);
    const same = targets[k] === p.fallTarget[k];
    plus[k] = same ? own - fall : own;
    minus[k] = same ? 0 : fall;
  }
  return { plus, minus, logBackoff: backoff.map(Math.log), rawEndLog: p.rawEnd.map(timesLog) };
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
  const { plus, minus, logBackoff, rawEndLog } = entropyTerms(p);
  const mass = new Float64Array(p.contexts);
  const logs = new Float64Array(p.contexts);
  const entropy = new Float64Array(p.contexts);
  for (const h of p.order) {
    const up = parent[h];
    const b = up === -1 ? 0 : backoff[h];
    let words = b === 0 ? 0 : b * mass[up];
    let log = b === 0 ? 0 : b * (logs[up] + logBackoff[h] * mass[up]);
    for (let k = rowStart[h], end = p.wordEnd[h]; k < end; k++) {
      words += p.plus[k] - p.minus[k];
      log += plus[k] - minus[k];
    }
    mass[h] = words;
    logs[h] = log;
    const n = norm?.[h] ?? 1;
    const total = words + p.rawEnd[h];
    entropy[h] = -(log + rawEndLog[h]) / n + (n === 1 ? 0 : (total / n) * Math.log(n));
  }
  return entropy;
}
