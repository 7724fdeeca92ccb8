import type { BackoffTable } from '@postulate/models';

/**
 * A back-off table with what the recursion needs of every stored entry, computed once. The sum over the vocabulary of
 * context h is that of its parent times `backoff`, plus for each stored word a correction
 * `plus · B(target) − minus · B(fallTarget)`; where both targets are one context the difference of the weights is taken
 * here, so that nothing is left to cancel.
 */
export interface PreparedTable {
  readonly table: BackoffTable;
  readonly contexts: number;
  readonly vocabularySize: number;
  /** Contexts with every parent before its children. */
  readonly order: Int32Array;
  /** End of the entries of words in each row; an entry for the end of sequence may follow. */
  readonly wordEnd: Int32Array;
  /** What the entry's word would weigh without the entry. */
  readonly fallback: Float64Array;
  readonly fallTarget: Int32Array;
  readonly plus: Float64Array;
  readonly minus: Float64Array;
  /** 1 for rows whose `minus` are all 0: nothing is to be looked up at their `fallTarget`. */
  readonly plain: Uint8Array;
  /** Raw weight of the end of sequence, per context. */
  readonly rawEnd: Float64Array;
  /** Whether a sequence can end before `maxTokens`. */
  readonly canEnd: boolean;
  /** Whether every token and the end have a positive probability in every context. */
  readonly positive: boolean;
  /** Whether every context's probabilities sum to one within 1e-11. */
  readonly normalised: boolean;
}

/** Position of the entry that gives word `w` its weight in context `h`, and the product of back-off weights on the way. */
export interface Lookup {
  /** −1 where no context on the way stores `w`. */
  find(context: number, word: number): number;
  /** Product of back-off weights of the last `find`. */
  factor: number;
}

export function lookupOf(table: BackoffTable): Lookup {
  const dense = denseRoots(table);
  const lookup: Lookup = {
    factor: 1,
    find(context, word) {
      lookup.factor = 1;
      for (let h = context; h !== -1; h = table.parent[h]) {
        const index = dense.get(h);
        const k = index === undefined ? entryOf(table, h, word) : index[word];
        if (k !== -1) return k;
        lookup.factor *= table.parent[h] === -1 ? 0 : table.backoff[h];
      }
      return -1;
    },
  };
  return lookup;
}

/** Position of `word` in the row of `context`, or −1. */
export function entryOf(table: BackoffTable, context: number, word: number): number {
  let lo = table.rowStart[context];
  let hi = table.rowStart[context + 1] - 1;
  while (lo <= hi) {
    const mid = (lo + hi) >> 1;
    const w = table.words[mid];
    if (w === word) return mid;
    if (w < word) lo = mid + 1;
    else hi = mid - 1;
  }
  return -1;
}

/** Direct indices of long rows without a parent, which most look-ups end in. */
function denseRoots(table: BackoffTable): ReadonlyMap<number, Int32Array> {
  const indices = new Map<number, Int32Array>();
  for (let h = 0; h < table.contexts && indices.size < 4; h++) {
    if (table.parent[h] !== -1 || table.rowStart[h + 1] - table.rowStart[h] < 1024) continue;
    const index = new Int32Array(table.vocabularySize + 1).fill(-1);
    for (let k = table.rowStart[h]; k < table.rowStart[h + 1]; k++) index[table.words[k]] = k;
    indices.set(h, index);
  }
  return indices;
}

const kept = new WeakMap<BackoffTable, PreparedTable>();

export function prepareTable(table: BackoffTable): PreparedTable {
  let prepared = kept.get(table);
  if (prepared === undefined) kept.set(table, (prepared = prepare(table)));
  return prepared;
}

function prepare(table: BackoffTable): PreparedTable {
  const { contexts, rowStart, words, parent, vocabularySize } = table;
  const order = parentsFirst(parent);
  const wordEnd = new Int32Array(contexts);
  const rawEnd = new Float64Array(contexts);
  for (const h of order) {
    const last = rowStart[h + 1] - 1;
    const stored = last >= rowStart[h] && words[last] === vocabularySize;
    wordEnd[h] = stored ? last : last + 1;
    rawEnd[h] = stored ? table.probs[last] : parent[h] === -1 ? 0 : table.backoff[h] * rawEnd[parent[h]];
  }
  const corrections = correctionsOf(table, wordEnd);
  const base = { table, contexts, vocabularySize, order, wordEnd, rawEnd, ...corrections };
  return { ...base, canEnd: rawEnd.some((p) => p > 0), positive: isPositive(table), normalised: sumsToOne(base) };
}

function correctionsOf(
  table: BackoffTable,
  wordEnd: Int32Array,
): Pick<PreparedTable, 'fallback' | 'fallTarget' | 'plus' | 'minus' | 'plain'> {
  const { rowStart, words, probs, targets, backoff, parent } = table;
  const fallback = new Float64Array(words.length);
  const fallTarget = Int32Array.from(targets);
  const plus = Float64Array.from(probs);
  const minus = new Float64Array(words.length);
  const plain = new Uint8Array(table.contexts).fill(1);
  const lookup = lookupOf(table);
  for (let h = 0; h < table.contexts; h++) {
    if (parent[h] === -1) continue;
    for (let k = rowStart[h]; k < wordEnd[h]; k++) {
      const found = lookup.find(parent[h], words[k]);
      const q = found === -1 ? 0 : backoff[h] * lookup.factor * probs[found];
      if (q === 0) continue;
      fallback[k] = q;
      fallTarget[k] = targets[found];
      const same = fallTarget[k] === targets[k];
      plus[k] = same ? Math.max(0, probs[k] - q) : probs[k];
      minus[k] = same ? Math.max(0, q - probs[k]) : q;
      if (minus[k] > 0) plain[h] = 0;
    }
  }
  return { fallback, fallTarget, plus, minus, plain };
}

function parentsFirst(parent: Int32Array): Int32Array {
  const depth = new Int32Array(parent.length).fill(-1);
  const path: number[] = [];
  let deepest = 0;
  for (let h = 0; h < parent.length; h++) {
    let at = h;
    for (; at !== -1 && depth[at] === -1; at = parent[at]) path.push(at);
    let d = at === -1 ? -1 : depth[at];
    while (path.length > 0) depth[path.pop()!] = ++d;
    deepest = Math.max(deepest, d);
  }
  const from = new Int32Array(deepest + 2);
  for (const d of depth) from[d + 1]++;
  for (let d = 0; d <= deepest; d++) from[d + 1] += from[d];
  const order = new Int32Array(parent.length);
  depth.forEach((d, h) => (order[from[d]++] = h));
  return order;
}

function sumsToOne(p: Omit<PreparedTable, 'canEnd' | 'positive' | 'normalised'>): boolean {
  const { table, order, wordEnd, plus, minus, rawEnd } = p;
  const mass = new Float64Array(p.contexts);
  for (const h of order) {
    const up = table.parent[h];
    let sum = up === -1 ? 0 : table.backoff[h] * mass[up];
    for (let k = table.rowStart[h]; k < wordEnd[h]; k++) sum += plus[k] - minus[k];
    mass[h] = sum;
    if (!(Math.abs((sum + rawEnd[h]) / (table.norm?.[h] ?? 1) - 1) < 1e-11)) return false;
  }
  return true;
}

function isPositive({ contexts, rowStart, probs, backoff, parent, vocabularySize }: BackoffTable): boolean {
  for (let h = 0; h < contexts; h++) {
    if (parent[h] === -1 ? rowStart[h + 1] - rowStart[h] !== vocabularySize + 1 : backoff[h] === 0) return false;
  }
  return probs.every((p) => p > 0);
}
