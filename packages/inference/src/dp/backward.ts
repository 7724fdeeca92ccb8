import type { TokenMachine } from '@postulate/models';
import type { Progress } from '../port/index.ts';
import { emptyDenseRow, fillDenseRow, type DenseRow } from './dense-row.ts';
import type { Domain } from './domains.ts';
import type { LayerPlan } from './layer-plan.ts';
import type { PreparedTable } from './prepared-table.ts';

/**
 * Total weight of all continuations, for every position, context and machine state:
 * `exp(logScale[t][s]) · values[t][s][slot of context]`. Entry (t, s) is at `t · states + s`; `values` is undefined where
 * the state is dead or not reached there, and shared ones where the state is settled.
 */
export interface Backward {
  readonly prepared: PreparedTable;
  readonly machine: TokenMachine;
  readonly plan: LayerPlan;
  readonly values: readonly (Float64Array | undefined)[];
  readonly logScale: Float64Array;
  /** Per state: the contexts it goes with, and how its `values` are indexed. */
  readonly domains: readonly Domain[];
  /** Class of each stored entry's word. */
  readonly entryClass: EntryClasses;
  /** The class with the most words. */
  readonly usual: number;
  /** Whether some weight was too small beside another to be held in one double, and counts as 0. */
  readonly lost: boolean;
  /** Sums that had to be taken over the whole vocabulary because differences cancelled. */
  readonly recomputed: number;
}

export type EntryClasses = Uint8Array | Uint16Array | Int32Array;

/** Class of each entry of the table, in the narrowest array; the end of sequence gets class 0. */
export function entryClasses(p: PreparedTable, classOf: Int32Array, classes: number): EntryClasses {
  const { words } = p.table;
  const make = classes <= 256 ? Uint8Array : classes <= 65536 ? Uint16Array : Int32Array;
  const result = new make(words.length);
  for (let k = 0; k < words.length; k++) result[k] = words[k] === p.vocabularySize ? 0 : classOf[words[k]];
  return result;
}

/** The class that most words are of. */
export function commonest(classOf: Int32Array, classes: number): number {
  const counts = new Int32Array(classes);
  for (const c of classOf) counts[c]++;
  return counts.indexOf(Math.max(...counts));
}

/** How arrays of a state's values are indexed: by context itself where `slot` is undefined. */
export function placeOf(slot: Int32Array | undefined, context: number): number {
  return slot === undefined ? context : slot[context];
}

/** How the values of a state at a position are indexed; those of settled states are shared and over all contexts. */
export function slotAt(b: Pick<Backward, 'plan' | 'domains'>, t: number, state: number): Int32Array | undefined {
  return b.plan.kinds[t * b.plan.states + state] === 'live' ? b.domains[state].slot : undefined;
}

/** log of the total weight of all sequences; `-Infinity` where there is none. */
export function logTotal(b: Backward): number {
  const values = b.values[b.machine.start];
  return values === undefined ? -Infinity : b.logScale[b.machine.start] + Math.log(values[b.prepared.table.start]);
}

/** One step of the recursion as seen from one state: what each class leads to and by which factor. */
export interface StepWeights {
  /** Per class: values at the next position, `ones` where the factor is 0. */
  readonly sources: readonly Float64Array[];
  /** Per class: how its source is indexed. */
  readonly slots: readonly (Int32Array | undefined)[];
  readonly factors: Float64Array;
  readonly end: number;
  /** Whether a positive weight came out as 0. */
  readonly lost: boolean;
  /** The class with the most words, if its source is indexed by context; else −1. */
  readonly usual: number;
}

/** Factors relative to `exp(reference)`. */
export function stepWeights(
  b: Omit<Backward, 'recomputed' | 'lost'>,
  ones: Float64Array,
  t: number,
  s: number,
  reference: number,
): StepWeights {
  const { machine, values, logScale, plan } = b;
  const factors = new Float64Array(machine.classes);
  const sources = new Array<Float64Array>(machine.classes).fill(ones);
  const slots = new Array<Int32Array | undefined>(machine.classes).fill(undefined);
  let lost = false;
  for (let c = 0; c < machine.classes; c++) {
    const arc = s * machine.classes + c;
    const after = (t + 1) * plan.states + machine.next[arc];
    const source = values[after];
    if (source === undefined) continue;
    sources[c] = source;
    slots[c] = slotAt(b, t + 1, machine.next[arc]);
    const log = (machine.output?.[arc] ?? 0) + logScale[after] - reference;
    factors[c] = Math.exp(log);
    lost ||= factors[c] === 0 && log > -Infinity;
  }
  const logEnd = b.prepared.canEnd ? machine.finalEnd[s] - reference : -Infinity;
  const end = Math.exp(logEnd);
  lost ||= end === 0 && logEnd > -Infinity;
  return { sources, slots, factors, end, lost, usual: slots[b.usual] === undefined ? b.usual : -1 };
}

/** Runs the recursion from the last position to the first, in the number of stored entries per live state. */
export function* backward(
  prepared: PreparedTable,
  machine: TokenMachine,
  plan: LayerPlan,
  domains: readonly Domain[],
): Generator<Progress, Backward> {
  const size = (plan.maxTokens + 1) * plan.states;
  const values = new Array<Float64Array | undefined>(size);
  const logScale = new Float64Array(size).fill(-Infinity);
  const entryClass = entryClasses(prepared, machine.classOf, machine.classes);
  const ones = new Float64Array(prepared.contexts).fill(1);
  const usual = commonest(machine.classOf, machine.classes);
  const result = { prepared, machine, plan, values, logScale, domains, entryClass, usual, recomputed: 0, lost: false };
  const words = new Float64Array(prepared.contexts);
  for (let t = plan.maxTokens; t >= 0; t--) {
    for (let s = 0; s < plan.states; s++) {
      const at = t * plan.states + s;
      if (plan.kinds[at] === 'constant') {
        values[at] = ones;
        logScale[at] = plan.constants[at];
      } else if (plan.kinds[at] === 'live') {
        const reference = largestLog(result, t, s);
        if (reference === -Infinity) continue;
        const step = stepWeights(result, ones, t, s, reference);
        result.lost ||= step.lost;
        const layer = new Float64Array(domains[s].contexts.length);
        result.recomputed += sweep(result, domains[s], step, words, layer);
        const scale = normalise(layer);
        if (scale === 0) continue;
        values[at] = layer;
        logScale[at] = reference + Math.log(scale);
      }
    }
    yield { phase: 'backward pass', draws: 0, wanted: 0, tokens: plan.maxTokens - t };
  }
  return result;
}

function largestLog(b: Omit<Backward, 'recomputed' | 'lost'>, t: number, s: number): number {
  const { machine, plan, logScale } = b;
  let largest = b.prepared.canEnd ? machine.finalEnd[s] : -Infinity;
  for (let c = 0; c < machine.classes; c++) {
    const arc = s * machine.classes + c;
    largest = Math.max(largest, (machine.output?.[arc] ?? 0) + logScale[(t + 1) * plan.states + machine.next[arc]]);
  }
  return largest;
}

function normalise(layer: Float64Array): number {
  let largest = 0;
  for (let h = 0; h < layer.length; h++) if (layer[h] > largest) largest = layer[h];
  if (largest > 0) for (let h = 0; h < layer.length; h++) layer[h] /= largest;
  return largest;
}

/** Below this part of what was added and taken away, a difference has too few digits left. */
const CANCELLATION = 1e-6;

/** Fills `layer`, with `words` as working space for the sums over words. Returns how many sums were recomputed. */
function sweep(
  b: Pick<Backward, 'prepared' | 'machine' | 'entryClass'>,
  domain: Domain,
  step: StepWeights,
  words: Float64Array,
  layer: Float64Array,
): number {
  const { entryClass, prepared: p } = b;
  const { wordEnd, plus, minus, fallTarget, rawEnd, plain } = p;
  const { rowStart, targets, parent, backoff, norm } = p.table;
  const { factors, sources, slots, usual } = step;
  const { contexts: order, slot: own } = domain;
  // Nearly all entries are of one class: its factor and source are kept at hand.
  const usualFactor = usual === -1 ? 0 : factors[usual];
  const usualSource = sources[Math.max(0, usual)];
  let recomputed = 0;
  let row: DenseRow | undefined;
  for (let i = 0; i < order.length; i++) {
    const h = order[i];
    const up = parent[h];
    let gained = up === -1 ? 0 : backoff[h] * words[up];
    let lost = 0;
    const end = wordEnd[h];
    const simple = plain[h] === 1;
    for (let k = rowStart[h]; k < end; k++) {
      const c = entryClass[k];
      if (c === usual) {
        gained += usualFactor * plus[k] * usualSource[targets[k]];
        if (!simple) lost += usualFactor * minus[k] * usualSource[fallTarget[k]];
      } else if (factors[c] !== 0) {
        const source = sources[c];
        const slot = slots[c];
        gained += factors[c] * plus[k] * source[placeOf(slot, targets[k])];
        if (!simple) lost += factors[c] * minus[k] * source[placeOf(slot, fallTarget[k])];
      }
    }
    let sum = gained - lost;
    if (lost > 0 && sum <= CANCELLATION * gained) {
      row ??= emptyDenseRow(p.vocabularySize);
      sum = denseSum(p, h, row, b.machine.classOf, step);
      recomputed++;
    }
    words[h] = sum;
    layer[own === undefined ? h : i] = (sum + rawEnd[h] * step.end) / (norm === undefined ? 1 : norm[h]);
  }
  return recomputed;
}

/** The same sum with non-negative terms only. */
function denseSum(p: PreparedTable, context: number, row: DenseRow, classOf: Int32Array, step: StepWeights): number {
  fillDenseRow(p, context, row);
  let sum = 0;
  for (let w = 0; w < row.raw.length; w++) {
    const c = classOf[w];
    if (row.raw[w] === 0 || step.factors[c] === 0) continue;
    sum += row.raw[w] * step.factors[c] * step.sources[c][placeOf(step.slots[c], row.targets[w])];
  }
  return sum;
}
