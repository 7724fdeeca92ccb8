import type { Product } from '../machine/index.ts';
import { placeOf, type Backward, type EntryClasses } from './backward.ts';
import type { Domain } from './domains.ts';
import { nextWordEntropy, type EntropyTerms } from './entropy-terms.ts';
import type { PreparedTable } from './prepared-table.ts';

export interface Pass {
  readonly b: Backward;
  readonly product: Product;
  readonly entryClass: EntryClasses;
  readonly usual: number;
  readonly terms: EntropyTerms | undefined;
  readonly ones: Float64Array;
  readonly usage: Float64Array;
  /** Per context: how much falls back to it, times the log of the back-off weight. Only for the entropy. */
  readonly fallen: Float64Array | undefined;
  readonly logBackoff: Float64Array;
  readonly ended: Float64Array;
  readonly read: Float64Array;
  logPrior: number;
}

/** One product state at one position: where each class of words takes its mass. */
export interface Moves {
  readonly factors: Float64Array;
  readonly sources: readonly Float64Array[];
  readonly sinks: readonly Float64Array[];
  /** Per class: how its source and its sink are indexed. */
  readonly slots: readonly (Int32Array | undefined)[];
}

/** Turns the mass that is in each context into how often each row is used, back-off included; counts what ends. */
export function spread(pass: Pass, domain: Domain, mass: Float64Array, p: number, end: number): void {
  const { usage, fallen, logBackoff } = pass;
  const { rawEnd, table } = pass.b.prepared;
  const { norm, parent, backoff } = table;
  const { contexts: order, slot } = domain;
  let ended = 0;
  for (let i = 0; i < order.length; i++) {
    const h = order[i];
    const own = mass[slot === undefined ? h : i];
    usage[h] = norm === undefined ? own : own / norm[h];
    ended += usage[h] * rawEnd[h];
    if (fallen !== undefined) fallen[h] = 0;
  }
  pass.ended[p] += ended * end;
  for (let i = order.length - 1; i >= 0; i--) {
    const h = order[i];
    const up = parent[h];
    if (up === -1) continue;
    const passed = backoff[h] * usage[h];
    usage[up] += passed;
    if (fallen !== undefined && passed !== 0) fallen[up] += passed * logBackoff[h];
  }
}

/** Pushes what the rows are used along their entries; gathers how much of it survives, by class, and its entropy. */
export function push(pass: Pass, domain: Domain, moves: Moves, read: Float64Array): void {
  const { usage, entryClass, terms } = pass;
  const { wordEnd, plus, minus, fallTarget, table, plain } = pass.b.prepared;
  const { rowStart, targets } = table;
  const { factors, sources, sinks, slots } = moves;
  const usual = slots[pass.usual] === undefined ? pass.usual : -1;
  const usualFactor = usual === -1 ? 0 : factors[usual];
  const usualSource = sources[Math.max(0, usual)];
  const usualSink = sinks[Math.max(0, usual)];
  const logPlus = terms?.plus ?? plus;
  const logMinus = terms?.minus ?? minus;
  const narrow = domain.slot === undefined ? undefined : domain.contexts;
  const rows = narrow?.length ?? usage.length;
  let usualRead = 0;
  let logs = 0;
  for (let i = 0; i < rows; i++) {
    const h = narrow === undefined ? i : narrow[i];
    const used = usage[h];
    if (used === 0) continue;
    const simple = plain[h] === 1;
    const usualWeight = used * usualFactor;
    for (let k = rowStart[h], end = wordEnd[h]; k < end; k++) {
      const c = entryClass[k];
      const common = c === usual;
      const weight = common ? usualWeight : used * factors[c];
      if (weight === 0) continue;
      const source = common ? usualSource : sources[c];
      const sink = common ? usualSink : sinks[c];
      const slot = common ? undefined : slots[c];
      const at = placeOf(slot, targets[k]);
      const gained = weight * plus[k];
      const value = source[at];
      sink[at] += gained;
      let survived = gained * value;
      logs += weight * logPlus[k] * value;
      if (!simple) {
        const fall = placeOf(slot, fallTarget[k]);
        const lost = weight * minus[k];
        const other = source[fall];
        sink[fall] -= lost;
        survived -= lost * other;
        logs -= weight * logMinus[k] * other;
      }
      if (common) usualRead += survived;
      else read[c] += survived;
    }
  }
  if (usual !== -1) read[usual] += usualRead;
  if (terms !== undefined) pass.logPrior += logs;
}

/** `push` in a state from where on every continuation weighs the same: nothing is to be looked up where words lead. */
export function pushSettled(pass: Pass, domain: Domain, moves: Moves, read: Float64Array): void {
  const { usage, entryClass } = pass;
  const { wordEnd, plus, minus, fallTarget, table, plain } = pass.b.prepared;
  const { rowStart, targets } = table;
  const { factors, sinks, slots } = moves;
  const { contexts } = domain;
  const rows = contexts.length;
  const all = domain.slot === undefined;
  for (let i = 0; i < rows; i++) {
    const h = all ? i : contexts[i];
    const used = usage[h];
    if (used === 0) continue;
    const simple = plain[h] === 1;
    for (let k = rowStart[h], end = wordEnd[h]; k < end; k++) {
      const c = entryClass[k];
      const weight = used * factors[c];
      const sink = sinks[c];
      const slot = slots[c];
      const gained = weight * plus[k];
      sink[placeOf(slot, targets[k])] += gained;
      read[c] += gained;
      if (simple) continue;
      const lost = weight * minus[k];
      sink[placeOf(slot, fallTarget[k])] -= lost;
      read[c] -= lost;
    }
  }
}

/** This step's part of E[log prior] in such a state: the negative entropy of each context's next-word law. */
export function settledPriorTerms(prepared: PreparedTable, { contexts, slot }: Domain, mass: Float64Array): number {
  const entropy = nextWordEntropy(prepared);
  let sum = 0;
  for (let i = 0; i < contexts.length; i++) {
    const own = mass[slot === undefined ? contexts[i] : i];
    if (own !== 0) sum -= own * entropy[contexts[i]];
  }
  return sum;
}

/** What the entries do not tell of this step's part of E[log prior]: back-off weights, ends and norms. */
export function priorTerms(
  pass: Pass,
  domain: Domain,
  t: number,
  state: number,
  mass: Float64Array,
  end: number,
): number {
  const { b, fallen } = pass;
  const { rawEnd, table } = b.prepared;
  const { norm } = table;
  const values = b.values[t * b.plan.states + state]!;
  const { contexts: order, slot } = domain;
  let sum = 0;
  for (let i = 0; i < order.length; i++) {
    const h = order[i];
    const at = slot === undefined ? h : i;
    const n = norm === undefined ? 1 : norm[h];
    const back = fallen === undefined ? 0 : fallen[h];
    if (back !== 0) sum += back * Math.max(0, values[at] * n - rawEnd[h] * end);
    const own = mass[at];
    if (own === 0) continue;
    if (rawEnd[h] > 0) sum += (own / n) * rawEnd[h] * end * Math.log(rawEnd[h]);
    if (n !== 1) sum -= own * values[at] * Math.log(n);
  }
  return sum;
}
