import type { TokenMachine } from '@postulate/models';
import type { Product } from '../machine/index.ts';
import type { Progress } from '../port/index.ts';
import { commonest, entryClasses, placeOf, stepWeights, type Backward, type EntryClasses } from './backward.ts';
import type { Domain } from './domains.ts';
import { entropyTerms, nextWordEntropy, type EntropyTerms } from './entropy-terms.ts';
import type { PreparedTable } from './prepared-table.ts';

/**
 * The posterior's mass over a product of the weight machine (first) with further machines, gathered in one pass:
 * the backward recursion in reverse mode, which is linear, so that every marginal comes at once.
 */
export interface ForwardMass {
  readonly product: Product;
  /** Per product state: probability that the text ends there by an end-of-sequence token. */
  readonly ended: Float64Array;
  /** Per product state: probability that the text is stopped there. */
  readonly stopped: Float64Array;
  /** states × classes: expected number of times a token of the class is read in the state. */
  readonly read: Float64Array;
  /** E[log prior], nats; NaN unless asked for. */
  readonly logPrior: number;
  /** Everything that ended or stopped; one up to rounding. */
  readonly total: number;
}

interface Pass {
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

/** `product.machines[0]` must be the machine of `b`. */
export function* forward(b: Backward, product: Product, withEntropy: boolean): Generator<Progress, ForwardMass> {
  const { prepared, plan } = b;
  const pass: Pass = {
    b,
    product,
    entryClass: entryClasses(prepared, product.classOf, product.classes),
    usual: commonest(product.classOf, product.classes),
    terms: withEntropy ? entropyTerms(prepared) : undefined,
    ones: new Float64Array(prepared.contexts).fill(1),
    usage: new Float64Array(prepared.contexts),
    fallen: withEntropy ? new Float64Array(prepared.contexts) : undefined,
    logBackoff: withEntropy ? prepared.table.backoff.map(Math.log) : prepared.table.backoff,
    ended: new Float64Array(product.states),
    read: new Float64Array(product.states * product.classes),
    logPrior: 0,
  };
  let layer = new Map<number, Float64Array>();
  const first = b.values[b.machine.start];
  if (first !== undefined) {
    const { contexts, slot } = b.domains[b.machine.start];
    const mass = new Float64Array(contexts.length);
    const start = placeOf(slot, prepared.table.start);
    mass[start] = 1 / first[start];
    layer.set(0, mass);
  }
  const spare = sparePool();
  for (let t = 0; t < plan.maxTokens; t++) {
    const after = new Map<number, Float64Array>();
    for (const [p, mass] of layer) {
      step(pass, t, p, mass, after, spare);
      spare.keep(mass);
    }
    layer = after;
    yield { phase: 'forward pass', draws: 0, wanted: 0, tokens: t + 1 };
  }
  const stopped = new Float64Array(product.states);
  for (const [p, mass] of layer) for (let h = 0; h < mass.length; h++) stopped[p] += mass[h];
  const { ended, read } = pass;
  const total = ended.reduce((a, x) => a + x, 0) + stopped.reduce((a, x) => a + x, 0);
  return { product, ended, stopped, read, logPrior: withEntropy ? pass.logPrior : NaN, total };
}

/** Working arrays that are used again once they are done with. */
interface SparePool {
  take(size: number): Float64Array;
  keep(array: Float64Array): void;
}

function sparePool(): SparePool {
  const bySize = new Map<number, Float64Array[]>();
  return {
    take: (size) => bySize.get(size)?.pop()?.fill(0) ?? new Float64Array(size),
    keep: (array) => {
      const same = bySize.get(array.length);
      if (same === undefined) bySize.set(array.length, [array]);
      else same.push(array);
    },
  };
}

/** Number of (position, product state, context) triples that a pass over `product` visits: all, and at one position. */
export function liveCount(b: Backward, product: Product): { readonly total: number; readonly widest: number } {
  const width = product.machines.length;
  const size = (p: number): number => b.domains[product.parts[p * width]].contexts.length;
  let layer = new Set([0]);
  let total = size(0);
  let widest = total;
  for (let t = 0; t < b.plan.maxTokens; t++) {
    const after = new Set<number>();
    for (const p of layer) {
      for (let c = 0; c < product.classes; c++) {
        const q = product.next[p * product.classes + c];
        if (b.values[(t + 1) * b.plan.states + product.parts[q * width]] !== undefined) after.add(q);
      }
    }
    layer = after;
    const cells = [...layer].reduce((n, p) => n + size(p), 0);
    total += cells;
    widest = Math.max(widest, cells);
  }
  return { total, widest };
}

/** One product state at one position: where each class of words takes its mass. */
interface Moves {
  readonly factors: Float64Array;
  readonly sources: readonly Float64Array[];
  readonly sinks: readonly Float64Array[];
  /** Per class: how its source and its sink are indexed. */
  readonly slots: readonly (Int32Array | undefined)[];
}

function step(
  pass: Pass,
  t: number,
  p: number,
  mass: Float64Array,
  after: Map<number, Float64Array>,
  spare: SparePool,
): void {
  const { b, product, ones } = pass;
  const width = product.machines.length;
  const state = product.parts[p * width];
  const domain = b.domains[state];
  const own = stepWeights(b, ones, t, state, b.logScale[t * b.plan.states + state]);
  const { classes } = product;
  const factors = new Float64Array(classes);
  const sources = new Array<Float64Array>(classes);
  const sinks = new Array<Float64Array>(classes).fill(ones);
  const slots = new Array<Int32Array | undefined>(classes).fill(undefined);
  for (let c = 0; c < classes; c++) {
    const mine = product.own[0][c];
    factors[c] = own.factors[mine];
    sources[c] = own.sources[mine];
    if (factors[c] === 0) continue;
    const next = product.next[p * classes + c];
    const target = b.domains[product.parts[next * width]];
    let sink = after.get(next);
    if (sink === undefined) after.set(next, (sink = spare.take(target.contexts.length)));
    sinks[c] = sink;
    slots[c] = target.slot;
  }
  spread(pass, domain, mass, p, own.end);
  const read = pass.read.subarray(p * classes, (p + 1) * classes);
  if (b.plan.kinds[t * b.plan.states + state] === 'constant') {
    pushSettled(pass, domain, { factors, sources, sinks, slots }, read);
    if (pass.terms !== undefined) pass.logPrior += settledPriorTerms(b.prepared, domain, mass);
    return;
  }
  push(pass, domain, { factors, sources, sinks, slots }, read);
  if (pass.fallen !== undefined) pass.logPrior += priorTerms(pass, domain, t, state, mass, own.end);
}

/** Turns the mass that is in each context into how often each row is used, back-off included; counts what ends. */
function spread(pass: Pass, domain: Domain, mass: Float64Array, p: number, end: number): void {
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
function push(pass: Pass, domain: Domain, moves: Moves, read: Float64Array): void {
  const { usage, entryClass, terms } = pass;
  const { wordEnd, plus, minus, fallTarget, table, plain } = pass.b.prepared;
  const { rowStart, targets } = table;
  const { factors, sources, sinks, slots } = moves;
  const usual = slots[pass.usual] === undefined ? pass.usual : -1;
  const [usualFactor, usualSource, usualSink] =
    usual === -1 ? [0, sources[0], sinks[0]] : [factors[usual], sources[usual], sinks[usual]];
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
function pushSettled(pass: Pass, domain: Domain, moves: Moves, read: Float64Array): void {
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
      const [sink, slot] = [sinks[c], slots[c]];
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
function settledPriorTerms(prepared: PreparedTable, { contexts, slot }: Domain, mass: Float64Array): number {
  const entropy = nextWordEntropy(prepared);
  let sum = 0;
  for (let i = 0; i < contexts.length; i++) {
    const own = mass[slot === undefined ? contexts[i] : i];
    if (own !== 0) sum -= own * entropy[contexts[i]];
  }
  return sum;
}

/** What the entries do not tell of this step's part of E[log prior]: back-off weights, ends and norms. */
function priorTerms(pass: Pass, domain: Domain, t: number, state: number, mass: Float64Array, end: number): number {
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

/** Expected value of one machine of the product under the posterior. */
export function expectation(mass: ForwardMass, index: number): number {
  const { product, ended, stopped, read, total } = mass;
  const m: TokenMachine = product.machines[index];
  const width = product.machines.length;
  let sum = 0;
  // Mass of a state that the prior cannot reach may come out as rounding noise; against -inf it must count as none.
  const add = (probability: number, value: number): void => {
    if (value !== 0 && !(value === -Infinity && probability <= 1e-13 * total)) sum += probability * value;
  };
  for (let p = 0; p < product.states; p++) {
    const s = product.parts[p * width + index];
    add(ended[p], m.finalEnd[s]);
    add(stopped[p], m.finalStop[s]);
    if (m.output === undefined) continue;
    for (let c = 0; c < product.classes; c++) {
      add(read[p * product.classes + c], m.output[s * m.classes + product.own[index][c]]);
    }
  }
  return sum;
}
