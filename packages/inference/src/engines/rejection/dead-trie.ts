/** A prefix from which something has been removed. */
export interface TrieNode {
  /** Context of the model after the prefix. */
  readonly context: number;
  readonly children: Map<number, TrieEdge>;
  /** Probability, given the prefix, that the text is not removed. */
  alive: number;
  /** Probability, given the prefix, that the next word is none of the children. */
  unexplored: number;
}

export interface TrieEdge {
  readonly probability: number;
  readonly node: TrieNode;
}

/** What is left of a prior once proven-dead prefixes are taken out (after CARS, arXiv 2510.01902). */
export interface DeadTrie {
  readonly root: TrieNode;
  /** Removes every text that begins with `path`; the end of sequence may be its last word. */
  remove(path: readonly number[]): void;
}

/** Most prefixes that are remembered. */
const MAX_NODES = 300_000;
/** Differences of masses below this are rounding. */
const ROUNDING = 1e-13;

function unexploredMass(node: TrieNode): number {
  let mass = 1;
  for (const edge of node.children.values()) mass -= edge.probability;
  return mass < ROUNDING ? 0 : mass;
}

/** Brings the masses of a node up to date with its children. */
function living(node: TrieNode): number {
  node.unexplored = unexploredMass(node);
  let mass = node.unexplored;
  for (const edge of node.children.values()) mass += edge.probability * edge.node.alive;
  return mass;
}

export function deadTrie(
  start: number,
  probability: (context: number, word: number) => number,
  target: (context: number, word: number) => number,
): DeadTrie {
  const root: TrieNode = { context: start, children: new Map(), alive: 1, unexplored: 1 };
  let nodes = 1;
  return {
    root,
    remove(path) {
      if (nodes > MAX_NODES) return;
      const walked: TrieNode[] = [root];
      for (const word of path) {
        const at = walked[walked.length - 1];
        let edge = at.children.get(word);
        if (!edge) {
          const node: TrieNode = { context: target(at.context, word), children: new Map(), alive: 1, unexplored: 1 };
          edge = { probability: probability(at.context, word), node };
          at.children.set(word, edge);
          nodes++;
        }
        walked.push(edge.node);
      }
      const last = walked.pop()!;
      last.alive = 0;
      last.children.clear();
      for (const node of walked.reverse()) node.alive = living(node);
    },
  };
}
