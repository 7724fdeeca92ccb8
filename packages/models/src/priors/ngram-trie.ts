import {
  type GrowableDoubles,
  growableDoubles,
  type GrowableInts,
  growableInts,
  pushDouble,
  pushInt,
} from './growable.ts';

/** Placeholder of the end of sequence while the vocabulary is still growing. */
export const END_WORD = 0x7fffffff;
/** Placeholder of the start of a sequence: only ever the first word of a context. */
export const START_WORD = 0x7ffffffe;
export const ROOT = 0;

/**
 * The contexts of an n-gram model as a trie, and the n-grams as entries of their context. A node is a context; a node
 * exists for every proper prefix of an n-gram. `entryOf` is the n-gram that ends in a node, −1 where none was given.
 */
export class NgramTrie {
  readonly prefix: GrowableInts = growableInts();
  readonly lastWord: GrowableInts = growableInts();
  readonly depth: GrowableInts = growableInts();
  readonly backoff: GrowableDoubles = growableDoubles();
  readonly entryOf: GrowableInts = growableInts();

  readonly entryContext: GrowableInts = growableInts();
  readonly entryWord: GrowableInts = growableInts();
  readonly entryProb: GrowableDoubles = growableDoubles();
  /** Node reached; −1 where there is none of its own (the end of sequence, or n-grams of the highest order). */
  readonly entryNode: GrowableInts = growableInts();
  readonly entryLine: GrowableInts = growableInts();

  private slots = new Int32Array(4096).fill(-1);

  constructor() {
    this.addNode(-1, -1, 0);
  }

  get nodes(): number {
    return this.prefix.length;
  }

  /** The node of `node` extended by `word`, or −1. */
  child(node: number, word: number): number {
    return this.slots[this.slotOf(node, word)];
  }

  childOrNew(node: number, word: number): number {
    const slot = this.slotOf(node, word);
    if (this.slots[slot] !== -1) return this.slots[slot];
    const fresh = this.addNode(node, word, this.depth.data[node] + 1);
    this.slots[slot] = fresh;
    if (this.nodes * 2 > this.slots.length) this.grow();
    return fresh;
  }

  addEntry(context: number, word: number, prob: number, node: number, line: number): void {
    if (node !== -1) this.entryOf.data[node] = this.entryContext.length;
    pushInt(this.entryContext, context);
    pushInt(this.entryWord, word);
    pushDouble(this.entryProb, prob);
    pushInt(this.entryNode, node);
    pushInt(this.entryLine, line);
  }

  private addNode(prefix: number, word: number, depth: number): number {
    pushInt(this.prefix, prefix);
    pushInt(this.lastWord, word);
    pushInt(this.depth, depth);
    pushDouble(this.backoff, 1);
    pushInt(this.entryOf, -1);
    return this.nodes - 1;
  }

  private slotOf(node: number, word: number): number {
    const mask = this.slots.length - 1;
    let slot = hashPair(node, word) & mask;
    for (let at = this.slots[slot]; at !== -1; at = this.slots[slot]) {
      if (this.prefix.data[at] === node && this.lastWord.data[at] === word) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = this.slots.length - 1;
    for (let node = 1; node < this.nodes; node++) {
      let slot = hashPair(this.prefix.data[node], this.lastWord.data[node]) & mask;
      while (this.slots[slot] !== -1) slot = (slot + 1) & mask;
      this.slots[slot] = node;
    }
  }
}

function hashPair(node: number, word: number): number {
  const mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(word, 0x85ebca6b);
  return (mixed ^ (mixed >>> 15) ^ (mixed >>> 7)) >>> 0;
}
