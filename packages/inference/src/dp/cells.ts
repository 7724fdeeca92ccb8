import { placeOf } from './domains.ts';
import type { PreparedTable } from './prepared-table.ts';
import type { ClassWeights } from './step-weights.ts';

/**
 * Every pair of a context and a class of words that leads to it, numbered. What a step weighs depends on such a pair
 * alone, and most contexts are entered by one word, so there are hardly more pairs than contexts: weighing the pairs
 * first leaves one look-up for each stored entry, without any regard to classes.
 */
export interface Cells {
  readonly classOf: Int32Array;
  readonly contexts: number;
  /** The first `contexts` cells are the contexts with the first class found for each. */
  readonly count: number;
  /** Per cell its class; `classes` for contexts that no word leads to. */
  readonly classes: Int32Array;
  /** Contexts of the cells from `contexts` on. */
  readonly further: Int32Array;
  /** Per entry: the cell that its word leads to; 0 for ends of sequence. */
  readonly target: Int32Array;
  /** Per entry: the cell that its word would lead to without the entry. */
  readonly fallTarget: Int32Array;
}

/** Partitions of the words for which cells are kept per table: those of a weight and of a product with it. */
const KEPT = 2;

const kept = new WeakMap<PreparedTable, Cells[]>();

/** The cells of a table for a partition of its words, `classOf`. */
export function cellsOf(p: PreparedTable, classOf: Int32Array, classes: number): Cells {
  const known = kept.get(p) ?? [];
  const found = known.find((c) => c.classOf === classOf || c.classOf.every((x, w) => x === classOf[w]));
  if (found !== undefined) return found;
  const fresh = numberCells(p, classOf, classes);
  kept.set(p, [fresh, ...known].slice(0, KEPT));
  return fresh;
}

function numberCells(p: PreparedTable, classOf: Int32Array, classes: number): Cells {
  const { contexts } = p;
  const { words, targets } = p.table;
  const first = new Int32Array(contexts).fill(classes);
  const ids = new Map<number, number>();
  const further: number[] = [];
  const cellOf = (context: number, c: number): number => {
    if (first[context] === classes) first[context] = c;
    if (first[context] === c) return context;
    const key = context * classes + c;
    let id = ids.get(key);
    if (id === undefined) {
      ids.set(key, (id = contexts + further.length));
      further.push(context);
    }
    return id;
  };
  const target = new Int32Array(words.length);
  const fallTarget = new Int32Array(words.length);
  for (let k = 0; k < words.length; k++) {
    if (targets[k] < 0) continue;
    const c = classOf[words[k]];
    target[k] = cellOf(targets[k], c);
    fallTarget[k] = p.fallTarget[k] === targets[k] ? target[k] : cellOf(p.fallTarget[k], c);
  }
  const count = contexts + further.length;
  const all = new Int32Array(count);
  all.set(first);
  for (const [key, id] of ids) all[id] = key % classes;
  return { classOf, contexts, count, classes: all, further: Int32Array.from(further), target, fallTarget };
}

/** The class that most words are of. */
export function commonest(classOf: Int32Array, classes: number): number {
  const counts = new Int32Array(classes);
  for (const c of classOf) counts[c]++;
  return counts.indexOf(Math.max(...counts));
}

/** Writes into `weights` what each cell weighs: factor times value at the next position. */
export function weighCells(cells: Cells, { factors, sources, slots }: ClassWeights, usual: number, weights: Float64Array): void {
  const { contexts, count, classes, further } = cells;
  // Nearly all cells are of the usual class: they take the short way.
  const direct = slots[usual] === undefined ? usual : -1;
  const factor = factors[usual];
  const source = sources[usual];
  for (let i = 0; i < count; i++) {
    const c = classes[i];
    const h = i < contexts ? i : further[i - contexts];
    if (c === direct) weights[i] = factor * source[h];
    else weights[i] = c === factors.length || factors[c] === 0 ? 0 : factors[c] * sources[c][placeOf(slots[c], h)];
  }
}
