import type { BackoffTable } from '../port/index.ts';

/** Index into `words` of `word` in row `context`, or −1. Rows that hold every word in order are answered directly. */
export function findEntry(table: Pick<BackoffTable, 'words' | 'rowStart'>, context: number, word: number): number {
  const { words } = table;
  let low = table.rowStart[context];
  let high = table.rowStart[context + 1];
  if (low + word < high && words[low + word] === word) return low + word;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (words[middle] < word) low = middle + 1;
    else high = middle;
  }
  return low < table.rowStart[context + 1] && words[low] === word ? low : -1;
}

/** raw(word | context) as `BackoffTable` defines it. */
export function rawWeight(table: BackoffTable, context: number, word: number): number {
  let scale = 1;
  for (let h = context; h !== -1; h = table.parent[h]) {
    const entry = findEntry(table, h, word);
    if (entry !== -1) return scale * table.probs[entry];
    scale *= table.backoff[h];
  }
  return 0;
}

/** Probability of `word` (or of the end of sequence) after `context`. */
export function probability(table: BackoffTable, context: number, word: number): number {
  const raw = rawWeight(table, context, word);
  return table.norm === undefined ? raw : raw / table.norm[context];
}

/** The context reached by `word`, or −1 where no row on the way back stores it. */
export function nextContext(table: BackoffTable, context: number, word: number): number {
  for (let h = context; h !== -1; h = table.parent[h]) {
    const entry = findEntry(table, h, word);
    if (entry !== -1) return table.targets[entry];
  }
  return -1;
}

/** The context that `context` backs off to in the end. */
export function rootOf(table: BackoffTable, context: number): number {
  let h = context;
  while (table.parent[h] !== -1) h = table.parent[h];
  return h;
}

/** Writes raw(· | context) over all words and the end of sequence into `out[offset …]`, length `vocabularySize + 1`. */
export function denseRaw(table: BackoffTable, context: number, out: Float64Array, offset = 0): void {
  const chain: number[] = [];
  for (let h = context; h !== -1; h = table.parent[h]) chain.push(h);
  out.fill(0, offset, offset + table.vocabularySize + 1);
  for (let level = chain.length - 1; level >= 0; level--) {
    // The product runs in the order of `rawWeight`, so that both agree to the last bit.
    let scale = 1;
    for (let deeper = 0; deeper < level; deeper++) scale *= table.backoff[chain[deeper]];
    const end = table.rowStart[chain[level] + 1];
    for (let k = table.rowStart[chain[level]]; k < end; k++) out[offset + table.words[k]] = scale * table.probs[k];
  }
}

/** Natural-log probabilities after `context`, vocabulary + 1 of them. */
export function denseLog(table: BackoffTable, context: number, out: Float64Array, offset = 0): void {
  denseRaw(table, context, out, offset);
  const logNorm = table.norm === undefined ? 0 : Math.log(table.norm[context]);
  const end = offset + table.vocabularySize + 1;
  for (let i = offset; i < end; i++) out[i] = Math.log(out[i]) - logNorm;
}
