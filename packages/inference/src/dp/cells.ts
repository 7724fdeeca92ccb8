import { placeOf } from './domains.ts';
import type { PreparedTable } from './prepared-table.ts';
import type { StepWeights } from './step-weights.ts';

/**
 * Every pair of a context and a class of words that leads to it, numbered, and the end of the sequence. What a step
 * weighs depends on such a cell alone, and most contexts are entered by one word, so there are hardly more cells than
 * contexts: weighing the cells first leaves one look-up for each stored entry, without any regard to classes.
 */
export interface Cells {
  readonly classOf: Int32Array;
  /** The class with the most words. */
  readonly usual: number;
  /** The cells before `end` are the contexts, each with the first class found for it. */
  readonly end: number;
  readonly count: number;
  /** Cells of other classes than the usual one, with their contexts and classes. */
  readonly unusual: Int32Array;
  readonly unusualContext: Int32Array;
  readonly unusualClass: Int32Array;
  /** Per entry: the cell that its word leads to. */
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
  const end = p.contexts;
  const { words, targets } = p.table;
  const first = new Int32Array(end).fill(-1);
  const further = new Map<number, number>();
  const cellOf = (context: number, c: number): number => {
    if (first[context] === -1) first[context] = c;
    if (first[context] === c) return context;
    const key = context * classes + c;
    let cell = further.get(key);
    if (cell === undefined) further.set(key, (cell = end + 1 + further.size));
    return cell;
  };
  const target = new Int32Array(words.length).fill(end);
  const fallTarget = new Int32Array(words.length).fill(end);
  for (let k = 0; k < words.length; k++) {
    if (words[k] === p.vocabularySize) continue;
    const c = classOf[words[k]];
    target[k] = cellOf(targets[k], c);
    fallTarget[k] = p.fallTarget[k] === targets[k] ? target[k] : cellOf(p.fallTarget[k], c);
  }
  const usual = commonest(classOf, classes);
  const unusual: { readonly cell: number; readonly context: number; readonly c: number }[] = [];
  for (let h = 0; h < end; h++) {
    const c = first[h];
    if (c !== usual && c !== -1) unusual.push({ cell: h, context: h, c });
  }
  for (const [key, cell] of further) unusual.push({ cell, context: Math.floor(key / classes), c: key % classes });
  return {
    classOf,
    usual,
    end,
    count: end + 1 + further.size,
    unusual: Int32Array.from(unusual, (u) => u.cell),
    unusualContext: Int32Array.from(unusual, (u) => u.context),
    unusualClass: Int32Array.from(unusual, (u) => u.c),
    target,
    fallTarget,
  };
}

/** The class that most words are of. */
export function commonest(classOf: Int32Array, classes: number): number {
  const counts = new Int32Array(classes);
  for (const c of classOf) counts[c]++;
  let most = 0;
  for (let c = 1; c < classes; c++) if (counts[c] > counts[most]) most = c;
  return most;
}

/** Writes into `weights` what each cell weighs: factor times value at the next position. */
export function weighCells(cells: Cells, step: StepWeights, weights: Float64Array): void {
  const { usual, end, unusual, unusualContext, unusualClass } = cells;
  const { factors, sources, slots } = step;
  const slot = slots[usual];
  const factor = factors[usual];
  const source = sources[usual];
  // Contexts that the usual class does not lead to get a number that is overwritten below, or never read.
  if (slot === undefined) for (let h = 0; h < end; h++) weights[h] = factor * source[h];
  else for (let h = 0; h < end; h++) weights[h] = slot[h] === -1 ? 0 : factor * source[slot[h]];
  weights[end] = step.end;
  for (let i = 0; i < unusual.length; i++) {
    const c = unusualClass[i];
    weights[unusual[i]] = factors[c] === 0 ? 0 : factors[c] * sources[c][placeOf(slots[c], unusualContext[i])];
  }
}

/**
 * Σ factors[k] · weights[cells[k]] over a row. A function of its own, since a sum in the loop that the compiler takes over
 * while it runs would be put on the heap at every entry.
 */
export function weighed(
  factors: Float64Array,
  weights: Float64Array,
  cells: Int32Array,
  from: number,
  to: number,
): number {
  let sum = 0;
  for (let k = from; k < to; k++) sum += factors[k] * weights[cells[k]];
  return sum;
}

/** Adds `share · factors[k]` to each cell of a row; a function of its own for the same reason. */
export function add(
  sums: Float64Array,
  cells: Int32Array,
  factors: Float64Array,
  share: number,
  from: number,
  to: number,
): void {
  for (let k = from; k < to; k++) sums[cells[k]] += share * factors[k];
}
