import type { BackoffTable } from '@postulate/models';

/**
 * A back-off table with what the recursion needs of every stored entry, computed once. The sum over the vocabulary of
 * context h, with the end of the sequence, is that of its parent times `backoff`, plus for each entry a correction
 * `plus · B(target) − minus · B(fallTarget)`; where both targets are one context, or it is the end, the difference of the
 * weights is taken here, so that nothing is left to cancel.
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
  /** The other rows. */
  readonly crossing: Int32Array;
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
  for (let i = 0; i < contexts; i++) {
    const h = order[i];
    const last = rowStart[h + 1] - 1;
    const stored = last >= rowStart[h] && words[last] === vocabularySize;
    wordEnd[h] = stored ? last : last + 1;
    rawEnd[h] = stored ? table.probs[last] : parent[h] === -1 ? 0 : table.backoff[h] * rawEnd[parent[h]];
  }
  const corrections = correctionsOf(table);
  const base = { table, contexts, vocabularySize, order, wordEnd, rawEnd, ...corrections };
  return { ...base, canEnd: some(rawEnd, true), positive: isPositive(table), normalised: sumsToOne(base) };
}

function correctionsOf(
  table: BackoffTable,
): Pick<PreparedTable, 'fallback' | 'fallTarget' | 'plus' | 'minus' | 'plain' | 'crossing'> {
  const { rowStart, words, probs, targets, backoff } = table;
  const fallback = new Float64Array(words.length);
  const fallTarget = Int32Array.from(targets);
  const plus = Float64Array.from(probs);
  const minus = new Float64Array(words.length);
  const plain = new Uint8Array(table.contexts).fill(1);
  const lookup = lookupOf(table);
  forEachChild(table, (h, up, index) => {
    for (let k = rowStart[h], to = rowStart[h + 1]; k < to; k++) {
      let q = backoff[h];
      let found = index[words[k]];
      if (found === -1) {
        found = lookup.find(up, words[k]);
        q *= lookup.factor;
      }
      q = found === -1 ? 0 : q * probs[found];
      if (q === 0) continue;
      fallback[k] = q;
      fallTarget[k] = targets[found];
      const same = fallTarget[k] === targets[k];
      plus[k] = same ? Math.max(0, probs[k] - q) : probs[k];
      minus[k] = same ? Math.max(0, q - probs[k]) : q;
      if (minus[k] > 0) plain[h] = 0;
    }
  });
  return { fallback, fallTarget, plus, minus, plain, crossing: rowsNotIn(plain) };
}

function rowsNotIn(plain: Uint8Array): Int32Array {
  const rows: number[] = [];
  for (let h = 0; h < plain.length; h++) if (plain[h] === 0) rows.push(h);
  return Int32Array.from(rows);
}

/**
 * Visits every context that has a parent, siblings together, with the positions of the parent's entries by word (−1 for
 * none): a direct index, filled once for all of them, spares a search for each entry.
 */
function forEachChild(
  { contexts, vocabularySize, rowStart, words, parent }: BackoffTable,
  visit: (context: number, up: number, index: Int32Array) => void,
): void {
  const elder = new Int32Array(contexts).fill(-1);
  const youngest = new Int32Array(contexts).fill(-1);
  for (let h = 0; h < contexts; h++) {
    if (parent[h] === -1) continue;
    elder[h] = youngest[parent[h]];
    youngest[parent[h]] = h;
  }
  const index = new Int32Array(vocabularySize + 1).fill(-1);
  for (let up = 0; up < contexts; up++) {
    if (youngest[up] === -1) continue;
    for (let k = rowStart[up]; k < rowStart[up + 1]; k++) index[words[k]] = k;
    for (let h = youngest[up]; h !== -1; h = elder[h]) visit(h, up, index);
    for (let k = rowStart[up]; k < rowStart[up + 1]; k++) index[words[k]] = -1;
  }
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
  for (let h = 0; h < depth.length; h++) from[depth[h] + 1]++;
  for (let d = 0; d <= deepest; d++) from[d + 1] += from[d];
  const order = new Int32Array(parent.length);
  for (let h = 0; h < depth.length; h++) order[from[depth[h]]++] = h;
  return order;
}

function sumsToOne({
  table,
  contexts,
  order,
  plus,
  minus,
}: Omit<PreparedTable, 'canEnd' | 'positive' | 'normalised'>): boolean {
  const { rowStart, parent, backoff, norm } = table;
  const mass = new Float64Array(contexts);
  for (let i = 0; i < contexts; i++) {
    const h = order[i];
    const up = parent[h];
    let sum = up === -1 ? 0 : backoff[h] * mass[up];
    for (let k = rowStart[h], to = rowStart[h + 1]; k < to; k++) sum += plus[k] - minus[k];
    mass[h] = sum;
    if (!(Math.abs(sum / (norm === undefined ? 1 : norm[h]) - 1) < 1e-11)) return false;
  }
  return true;
}

function isPositive({ contexts, rowStart, probs, backoff, parent, vocabularySize }: BackoffTable): boolean {
  for (let h = 0; h < contexts; h++) {
    if (parent[h] === -1 ? rowStart[h + 1] - rowStart[h] !== vocabularySize + 1 : backoff[h] === 0) return false;
  }
  return !some(probs, false);
}

/** Whether some number is positive, or some is not. A loop, since a callback would have every number put on the heap. */
function some(numbers: Float64Array, positive: boolean): boolean {
  for (let i = 0; i < numbers.length; i++) if (numbers[i] > 0 === positive) return true;
  return false;
}
