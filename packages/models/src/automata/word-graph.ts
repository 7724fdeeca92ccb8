/** A trie with equal branches merged: the smallest acyclic automaton of a finite set of words. */
export interface WordGraph {
  readonly root: number;
  readonly terminal: readonly boolean[];
  /** Children of each node: symbol → node. */
  readonly children: readonly ReadonlyMap<number, number>[];
}

interface TrieNode {
  terminal: boolean;
  readonly children: Map<number, TrieNode>;
}

/** With `prefixFree`, words that begin with another word are dropped. */
export function wordGraph(words: readonly (readonly number[])[], prefixFree: boolean): WordGraph {
  const root: TrieNode = { terminal: false, children: new Map() };
  for (const word of words) insert(root, word);
  const terminal: boolean[] = [];
  const children: Map<number, number>[] = [];
  const known = new Map<string, number>();
  const intern = (node: TrieNode): number => {
    const below = new Map<number, number>();
    let key = node.terminal ? '.' : '';
    if (!(prefixFree && node.terminal)) {
      for (const [symbol, child] of [...node.children].sort((a, b) => a[0] - b[0])) {
        const id = intern(child);
        below.set(symbol, id);
        key += `${symbol}:${id} `;
      }
    }
    let id = known.get(key);
    if (id === undefined) {
      id = terminal.push(node.terminal) - 1;
      children.push(below);
      known.set(key, id);
    }
    return id;
  };
  return { root: intern(root), terminal, children };
}

function insert(root: TrieNode, word: readonly number[]): void {
  let node = root;
  for (const symbol of word) {
    let child = node.children.get(symbol);
    if (child === undefined) node.children.set(symbol, (child = { terminal: false, children: new Map() }));
    node = child;
  }
  node.terminal = true;
}
