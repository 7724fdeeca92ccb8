import type { BackoffTable, SequenceBatch } from '@postulate/models';

/** What is taken off every count and given to the shortened context. */
const DISCOUNT = 0.75;

/** A context that was seen: how often each word followed it. */
interface Node {
  readonly id: number;
  /** The context without its oldest token; undefined for the empty one. */
  readonly shorter: Node | undefined;
  readonly children: Map<number, Node>;
  readonly counts: Map<number, number>;
  total: number;
}

/** Stands for the start of a text in a context. */
const START = -1;

/**
 * An n-gram table of sequences, interpolated with absolute discounting (Ney, Essen & Kneser 1994) and below that with the
 * uniform law: every token and the end of sequence can follow every context. `order` − 1 tokens are seen.
 */
export function surrogateTable(batch: SequenceBatch, vocabularySize: number, order: number): BackoffTable {
  const { nodes, start } = countContexts(batch, vocabularySize, order);
  const root = nodes[0];
  for (let w = 0; w <= vocabularySize; w++) if (!root.counts.has(w)) root.counts.set(w, 0);
  const rows = nodes.map((n) => [...n.counts.keys()].sort((a, b) => a - b));
  const rowStart = new Int32Array(nodes.length + 1);
  rows.forEach((row, h) => (rowStart[h + 1] = rowStart[h] + row.length));
  const size = rowStart[nodes.length];
  const table = { words: new Int32Array(size), probs: new Float64Array(size), targets: new Int32Array(size) };
  const backoff = new Float64Array(nodes.length);
  const memo = nodes.map(() => new Map<number, number>());
  // Shorter contexts were made first, so that what is backed off to is known.
  nodes.forEach((node, h) => {
    const kinds = [...node.counts.values()].filter((c) => c > 0).length;
    const left = node.total === 0 ? 1 : (DISCOUNT * kinds) / node.total;
    if (node.shorter !== undefined) backoff[h] = left;
    rows[h].forEach((word, i) => {
      const own = node.total === 0 ? 0 : Math.max(0, node.counts.get(word)! - DISCOUNT) / node.total;
      const behind = node.shorter === undefined ? 1 / (vocabularySize + 1) : memo[node.shorter.id].get(word)!;
      const k = rowStart[h] + i;
      table.words[k] = word;
      table.probs[k] = own + left * behind;
      memo[h].set(word, table.probs[k]);
      table.targets[k] = word === vocabularySize ? -1 : targetOf(node, word);
    });
  });
  return {
    ...{ vocabularySize, contexts: nodes.length, start: start.id, rowStart, ...table, backoff },
    parent: Int32Array.from(nodes, (n) => n.shorter?.id ?? -1),
    norm: undefined,
    interpolated: true,
  };
}

/** The longest context seen that ends in `word` after `node`. */
function targetOf(node: Node, word: number): number {
  for (let n: Node | undefined = node; n !== undefined; n = n.shorter) {
    const child = n.children.get(word);
    if (child !== undefined) return child.id;
  }
  return 0;
}

function countContexts(batch: SequenceBatch, end: number, order: number): { nodes: readonly Node[]; start: Node } {
  const make = (shorter: Node | undefined): Node => {
    const node: Node = { id: nodes.length, shorter, children: new Map(), counts: new Map(), total: 0 };
    nodes.push(node);
    return node;
  };
  const nodes: Node[] = [];
  const root = make(undefined);
  /** The contexts before the next word, the empty one first. */
  const extended = (contexts: readonly Node[], token: number): readonly Node[] => {
    const after = [root];
    for (const c of contexts.slice(0, order - 1)) {
      let child = c.children.get(token);
      if (child === undefined) c.children.set(token, (child = make(after[after.length - 1])));
      after.push(child);
    }
    return after;
  };
  const count = (contexts: readonly Node[], word: number): void => {
    for (const c of contexts) {
      c.counts.set(word, (c.counts.get(word) ?? 0) + 1);
      c.total++;
    }
  };
  const first = extended([root], START);
  for (let i = 0; i < batch.size; i++) {
    let contexts = first;
    for (let k = batch.offsets[i]; k < batch.offsets[i + 1]; k++) {
      count(contexts, batch.tokens[k]);
      contexts = extended(contexts, batch.tokens[k]);
    }
    if (batch.finished[i] === 1) count(contexts, end);
  }
  return { nodes, start: first[first.length - 1] };
}
