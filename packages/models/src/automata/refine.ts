/** A partition of 0 … n − 1: the block of each element. */
export interface Partition {
  readonly blockOf: Int32Array;
  readonly blocks: number;
}

/** Small tables are looked up in an array, larger ones in a map. */
const TABLE_LIMIT = 1 << 21;

/** The array, −1 everywhere between calls: what a call has set it sets back, so that no call pays for the size of the table. */
let scratch = new Int32Array();

function scratchTable(size: number): Int32Array {
  if (scratch.length < size) scratch = new Int32Array(Math.min(TABLE_LIMIT, 2 * size)).fill(-1);
  return scratch;
}

/** The partition into pairs (block, value), numbered by first appearance. `values` lie in 0 … valueCount − 1. */
export function splitByValue(partition: Partition, values: ArrayLike<number>, valueCount: number): Partition {
  const { blockOf, blocks } = partition;
  const result = new Int32Array(blockOf.length);
  let count = 0;
  if (blocks * valueCount <= TABLE_LIMIT) {
    const table = scratchTable(blocks * valueCount);
    for (let i = 0; i < result.length; i++) {
      const key = blockOf[i] * valueCount + values[i];
      result[i] = table[key] === -1 ? (table[key] = count++) : table[key];
    }
    for (let i = 0; i < result.length; i++) table[blockOf[i] * valueCount + values[i]] = -1;
  } else {
    const table = new Map<number, number>();
    for (let i = 0; i < result.length; i++) {
      const key = blockOf[i] * valueCount + values[i];
      let id = table.get(key);
      if (id === undefined) table.set(key, (id = count++));
      result[i] = id;
    }
  }
  return { blockOf: result, blocks: count };
}

export function onePartition(size: number): Partition {
  return { blockOf: new Int32Array(size), blocks: size === 0 ? 0 : 1 };
}

/** Numbers the distinct values of an array by first appearance. */
export function indexValues(values: ArrayLike<number>): { readonly index: Int32Array; readonly count: number } {
  const seen = new Map<number, number>();
  const index = new Int32Array(values.length);
  let last = NaN;
  let lastId = -1;
  for (let i = 0; i < index.length; i++) {
    if (values[i] !== last) {
      last = values[i];
      lastId = seen.get(last) ?? seen.size;
      if (lastId === seen.size) seen.set(last, lastId);
    }
    index[i] = lastId;
  }
  return { index, count: seen.size };
}

interface Inverse {
  /** Predecessors of s under class c are `list[starts[c (n + 1) + s] … starts[c (n + 1) + s + 1])`. */
  readonly starts: Int32Array;
  readonly list: Int32Array;
}

function invert(states: number, classes: number, next: Int32Array): Inverse {
  const width = states + 1;
  const starts = new Int32Array(classes * width);
  const list = new Int32Array(classes * states);
  for (let c = 0; c < classes; c++) {
    const base = c * width;
    for (let s = 0; s < states; s++) starts[base + next[s * classes + c] + 1]++;
    starts[base] = c * states;
    for (let s = 1; s < width; s++) starts[base + s] += starts[base + s - 1];
    const fill = starts.slice(base, base + width);
    for (let s = 0; s < states; s++) list[fill[next[s * classes + c]]++] = s;
  }
  return { starts, list };
}

/**
 * The coarsest partition finer than `initial` that `next` (states × classes) respects, in
 * O(classes · states · log states) (Hopcroft 1971: only the smaller half of a split block is looked at again).
 */
export function coarsestStable(states: number, classes: number, next: Int32Array, initial: Partition): Partition {
  const { starts, list } = invert(states, classes, next);
  const blocks = new Blocks(states, initial);
  const waiting = Array.from({ length: initial.blocks }, (_, b) => b);
  const isWaiting = new Uint8Array(states).fill(1, 0, initial.blocks);
  for (let splitter = waiting.pop(); splitter !== undefined; splitter = waiting.pop()) {
    isWaiting[splitter] = 0;
    const members = blocks.membersOf(splitter);
    for (let c = 0; c < classes; c++) {
      const base = c * (states + 1);
      for (const s of members) {
        for (let i = starts[base + s]; i < starts[base + s + 1]; i++) blocks.mark(list[i]);
      }
      blocks.splitMarked((old, fresh) => {
        const smaller = isWaiting[old] || blocks.size(fresh) <= blocks.size(old) ? fresh : old;
        isWaiting[smaller] = 1;
        waiting.push(smaller);
      });
    }
  }
  return { blockOf: blocks.blockOf, blocks: blocks.count };
}

/** Blocks as stretches of one array; marked members are kept at the front of their stretch. */
class Blocks {
  readonly blockOf: Int32Array;
  count: number;
  readonly #elements: Int32Array;
  readonly #place: Int32Array;
  readonly #first: Int32Array;
  readonly #end: Int32Array;
  readonly #marked: Int32Array;
  #touched: number[] = [];

  constructor(size: number, initial: Partition) {
    this.blockOf = initial.blockOf.slice();
    this.count = initial.blocks;
    this.#first = new Int32Array(size + 1);
    this.#end = new Int32Array(size + 1);
    this.#marked = new Int32Array(size + 1);
    for (const b of this.blockOf) this.#end[b]++;
    for (let b = 0, at = 0; b < this.count; b++) {
      this.#first[b] = at;
      at += this.#end[b];
      this.#end[b] = this.#first[b];
    }
    this.#elements = new Int32Array(size);
    this.#place = new Int32Array(size);
    this.blockOf.forEach((b, i) => {
      this.#place[i] = this.#end[b]++;
      this.#elements[this.#place[i]] = i;
    });
  }

  membersOf(block: number): Int32Array {
    return this.#elements.slice(this.#first[block], this.#end[block]);
  }

  size(block: number): number {
    return this.#end[block] - this.#first[block];
  }

  mark(element: number): void {
    const block = this.blockOf[element];
    if (this.#marked[block] === 0) this.#touched.push(block);
    const front = this.#first[block] + this.#marked[block]++;
    const place = this.#place[element];
    const other = this.#elements[front];
    this.#elements[place] = other;
    this.#place[other] = place;
    this.#elements[front] = element;
    this.#place[element] = front;
  }

  /** Cuts the marked part off every block that is marked in part. */
  splitMarked(onSplit: (old: number, fresh: number) => void): void {
    for (const block of this.#touched) {
      const marked = this.#marked[block];
      this.#marked[block] = 0;
      if (marked === this.size(block)) continue;
      const fresh = this.count++;
      this.#first[fresh] = this.#first[block];
      this.#end[fresh] = this.#first[block] += marked;
      for (let i = this.#first[fresh]; i < this.#end[fresh]; i++) this.blockOf[this.#elements[i]] = fresh;
      onSplit(block, fresh);
    }
    this.#touched = [];
  }
}
