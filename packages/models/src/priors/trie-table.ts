import type { BackoffTable } from '../port/index.ts';
import { END_WORD, type NgramTrie, ROOT } from './ngram-trie.ts';
import { normalised } from './table-norm.ts';

/** Longest proper suffix of each context that is a context too; −1 for the empty one. */
function suffixLinks(trie: NgramTrie, order: number): Int32Array {
  const links = new Int32Array(trie.nodes).fill(ROOT);
  links[ROOT] = -1;
  for (let depth = 2; depth < order; depth++) {
    for (let node = 1; node < trie.nodes; node++) {
      if (trie.depth.data[node] === depth) {
        links[node] = longestExtension(trie, links, links[trie.prefix.data[node]], trie.lastWord.data[node]);
      }
    }
  }
  return links;
}

/** The longest context that ends in (suffix of `node`) + `word`. */
function longestExtension(trie: NgramTrie, links: Int32Array, node: number, word: number): number {
  for (let h = node; h !== -1; h = links[h]) {
    const found = trie.child(h, word);
    if (found !== -1) return found;
  }
  return ROOT;
}

/** Contexts whose own n-gram was pruned get it back with the weight that backing off gives it. */
function addImpliedEntries(trie: NgramTrie, links: Int32Array, order: number): void {
  const raw = (context: number, word: number): number => {
    let scale = 1;
    for (let h = context; h !== -1; h = links[h]) {
      const node = trie.child(h, word);
      const entry = node === -1 ? -1 : trie.entryOf.data[node];
      if (entry !== -1) return scale * trie.entryProb.data[entry];
      scale *= trie.backoff.data[h];
    }
    return 0;
  };
  for (let depth = 2; depth < order; depth++) {
    for (let node = 1; node < trie.nodes; node++) {
      if (trie.depth.data[node] !== depth || trie.entryOf.data[node] !== -1) continue;
      const context = trie.prefix.data[node];
      const word = trie.lastWord.data[node];
      trie.addEntry(context, word, raw(context, word), node, 0);
    }
  }
}

/** Entry numbers ordered by context, then by word. Files list most rows in one piece, so each row is sorted where it lies. */
function sortedEntries(trie: NgramTrie, words: Int32Array): Int32Array {
  const context = trie.entryContext.data;
  const count = trie.entryContext.length;
  const start = new Int32Array(trie.nodes + 1);
  for (let i = 0; i < count; i++) start[context[i] + 1]++;
  for (let h = 0; h < trie.nodes; h++) start[h + 1] += start[h];
  const place = start.slice();
  const sorted = new Int32Array(count);
  for (let i = 0; i < count; i++) sorted[place[context[i]]++] = i;
  for (let h = 0; h < trie.nodes; h++) sortRow(sorted, words, start[h], start[h + 1]);
  return sorted;
}

function sortRow(entries: Int32Array, words: Int32Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    if (words[entries[i - 1]] <= words[entries[i]]) continue;
    entries.subarray(from, to).sort((a, b) => words[a] - words[b]);
    return;
  }
}

/**
 * Renumbers the contexts that matter. One without n-grams of its own and a positive back-off weight has, once normalised,
 * the law of its suffix and leads where that leads, so its suffix stands for it.
 */
function keptContexts(trie: NgramTrie, links: Int32Array, rowLength: Int32Array, order: number): Int32Array {
  const kept = new Int32Array(trie.nodes).fill(-1);
  let count = 0;
  for (let depth = 0; depth < Math.max(order, 1); depth++) {
    for (let node = 0; node < trie.nodes; node++) {
      if (trie.depth.data[node] !== depth) continue;
      const matters = node === ROOT || rowLength[node] > 0 || trie.backoff.data[node] === 0;
      kept[node] = matters ? count++ : kept[links[node]];
    }
  }
  return kept;
}

/** Two n-grams with the same words; `line` is that of the second. */
export interface Duplicate {
  readonly line: number;
}

/** The trie as a normalised table. `startNode` is the context before the first token. */
export function trieTable(
  trie: NgramTrie,
  vocabularySize: number,
  order: number,
  startNode: number,
): BackoffTable | Duplicate {
  const links = suffixLinks(trie, order);
  addImpliedEntries(trie, links, order);
  const count = trie.entryContext.length;
  const words = trie.entryWord.data.slice(0, count).map((word) => (word === END_WORD ? vocabularySize : word));
  const sorted = sortedEntries(trie, words);
  const rowLength = new Int32Array(trie.nodes);
  for (let i = 0; i < count; i++) rowLength[trie.entryContext.data[i]]++;
  const kept = keptContexts(trie, links, rowLength, order);
  const target = (entry: number): number => {
    if (words[entry] === vocabularySize) return -1;
    const own = trie.entryNode.data[entry];
    if (own !== -1) return kept[own];
    return kept[longestExtension(trie, links, links[trie.entryContext.data[entry]], words[entry])];
  };
  for (let i = 1; i < count; i++) {
    const [a, b] = [sorted[i - 1], sorted[i]];
    if (words[a] === words[b] && trie.entryContext.data[a] === trie.entryContext.data[b]) {
      return { line: Math.max(trie.entryLine.data[a], trie.entryLine.data[b]) };
    }
  }
  return normalised(assemble(trie, { vocabularySize, links, kept, rowLength, words, sorted, target, startNode }));
}

interface Pieces {
  readonly vocabularySize: number;
  readonly links: Int32Array;
  readonly kept: Int32Array;
  readonly rowLength: Int32Array;
  readonly words: Int32Array;
  readonly sorted: Int32Array;
  readonly target: (entry: number) => number;
  readonly startNode: number;
}

function assemble(trie: NgramTrie, pieces: Pieces): BackoffTable {
  const { kept, links, sorted } = pieces;
  const contexts = kept.reduce((most, index) => Math.max(most, index + 1), 0);
  const rowStart = new Int32Array(contexts + 1);
  const backoff = new Float64Array(contexts);
  const parent = new Int32Array(contexts).fill(-1);
  for (let node = 0; node < trie.nodes; node++) {
    const h = kept[node];
    // Contexts that were merged into their suffix come with the suffix's number: only its owner writes.
    if (node !== ROOT && h === kept[links[node]]) continue;
    rowStart[h + 1] = pieces.rowLength[node];
    backoff[h] = node === ROOT ? 0 : trie.backoff.data[node];
    parent[h] = node === ROOT ? -1 : kept[links[node]];
  }
  for (let h = 0; h < contexts; h++) rowStart[h + 1] += rowStart[h];
  const place = rowStart.slice();
  const count = sorted.length;
  const table = { words: new Int32Array(count), probs: new Float64Array(count), targets: new Int32Array(count) };
  for (const entry of sorted) {
    const at = place[kept[trie.entryContext.data[entry]]]++;
    table.words[at] = pieces.words[entry];
    table.probs[at] = trie.entryProb.data[entry];
    table.targets[at] = pieces.target(entry);
  }
  return {
    vocabularySize: pieces.vocabularySize,
    contexts,
    start: kept[pieces.startNode],
    rowStart,
    ...table,
    backoff,
    parent,
    norm: undefined,
    interpolated: false,
  };
}
