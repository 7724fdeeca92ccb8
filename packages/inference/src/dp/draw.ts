import type { Chooser } from '@postulate/models';
import { machineValue } from '../machine/index.ts';
import { firstAbove } from '../numeric/index.ts';
import type { Draw } from '../port/index.ts';
import type { Backward } from './backward.ts';
import { emptyDenseRow, fillDenseRow, type DenseRow } from './dense-row.ts';
import { placeOf } from './domains.ts';
import { entryOf, lookupOf, type Lookup } from './prepared-table.ts';
import { slotAt, stepWeights, type StepWeights } from './step-weights.ts';

/** Draws from the posterior of one backward pass, independent and exact. */
export interface Sampler {
  draw(chooser: Chooser): Draw;
  /** The next word after `t` words, in a context and a machine state that have weight; V for the end of the sequence. */
  next(t: number, context: number, state: number, chooser: Chooser): number;
}

interface Position {
  readonly values: Float64Array;
  readonly slot: Int32Array | undefined;
  readonly step: StepWeights;
  /** Running sums of the entries' weights of long rows without a parent. */
  readonly cumulative: Map<number, Float64Array>;
}

interface Context {
  readonly b: Backward;
  readonly lookup: Lookup;
  readonly ones: Float64Array;
  readonly positions: Map<number, Position>;
  readonly row: DenseRow;
}

/** Rejected words before a row is summed over the whole vocabulary instead. */
const PATIENCE = 64;
const LONG_ROW = 64;

export function samplerOf(b: Backward): Sampler {
  const { prepared } = b;
  const context: Context = {
    b,
    lookup: lookupOf(prepared.table),
    ones: new Float64Array(prepared.contexts).fill(1),
    positions: new Map(),
    row: emptyDenseRow(prepared.vocabularySize),
  };
  return {
    draw: (chooser) => drawOne(context, chooser),
    next: (t, h, s, chooser) => nextWord(context, positionAt(context, t, s), h, chooser),
  };
}

function drawOne(x: Context, chooser: Chooser): Draw {
  const { b, lookup } = x;
  const { table, vocabularySize, rawEnd } = b.prepared;
  const tokens: number[] = [];
  let [h, s, logPrior, finished] = [table.start, b.machine.start, 0, false];
  while (tokens.length < b.plan.maxTokens) {
    const position = positionAt(x, tokens.length, s);
    const word = nextWord(x, position, h, chooser);
    const norm = table.norm?.[h] ?? 1;
    finished = word === vocabularySize;
    if (finished) {
      logPrior += Math.log(rawEnd[h] / norm);
      break;
    }
    const k = lookup.find(h, word);
    logPrior += Math.log((lookup.factor * table.probs[k]) / norm);
    h = table.targets[k];
    s = b.machine.next[s * b.machine.classes + b.machine.classOf[word]];
    tokens.push(word);
  }
  const drawn = Int32Array.from(tokens);
  return { tokens: drawn, finished, logPrior, logFactor: machineValue(b.machine, drawn, finished), logWeight: 0 };
}

function positionAt(x: Context, t: number, s: number): Position {
  const { b } = x;
  const at = t * b.plan.states + s;
  let position = x.positions.get(at);
  if (position === undefined) {
    const step = stepWeights(b, x.ones, t, s, b.logScale[at]);
    position = { values: b.values[at]!, slot: slotAt(b, t, s), step, cumulative: new Map() };
    x.positions.set(at, position);
  }
  return position;
}

/** The next word in context `h`, or the vocabulary's size for the end of the sequence. */
function nextWord(x: Context, position: Position, h: number, chooser: Chooser): number {
  if (chooser.uniform === undefined)
    return denseWord(x, position, h, (weights) => chooser.choose(weights.map(Math.log)));
  const { uniform } = chooser;
  const { rawEnd, table, vocabularySize } = x.b.prepared;
  const total = position.values[placeOf(position.slot, h)] * (table.norm?.[h] ?? 1);
  const end = rawEnd[h] * position.step.end;
  if (uniform() * total < end) return vocabularySize;
  const word = sparseWord(x, position, h, total - end, uniform);
  return word !== -1 ? word : denseWord(x, position, h, (weights) => pick(weights, uniform, vocabularySize));
}

/** log-free choice among `count` weights. */
function pick(weights: Float64Array, uniform: () => number, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += weights[i];
  let left = uniform() * total;
  let last = -1;
  for (let i = 0; i < count; i++) {
    if (weights[i] === 0) continue;
    last = i;
    left -= weights[i];
    if (left < 0) break;
  }
  return last;
}

function denseWord(x: Context, position: Position, h: number, choose: (weights: Float64Array) => number): number {
  const { prepared, machine } = x.b;
  const { factors, sources, slots, end } = position.step;
  fillDenseRow(prepared, h, x.row);
  const weights = new Float64Array(prepared.vocabularySize + 1);
  for (let w = 0; w < prepared.vocabularySize; w++) {
    const c = machine.classOf[w];
    if (x.row.raw[w] === 0 || factors[c] === 0) continue;
    weights[w] = x.row.raw[w] * factors[c] * sources[c][placeOf(slots[c], x.row.targets[w])];
  }
  weights[prepared.vocabularySize] = prepared.rawEnd[h] * end;
  return choose(weights);
}

/**
 * A word of context `h` whose words weigh `total` together: one of the stored words by its own weight, else one of the
 * parent's that is not stored here, by drawing from the parent until it is not. −1 after too many rejections.
 */
function sparseWord(x: Context, position: Position, h: number, total: number, uniform: () => number): number {
  const { table, wordEnd, rawEnd } = x.b.prepared;
  const up = table.parent[h];
  if (up === -1) return rootWord(x, position, h, uniform);
  let left = uniform() * total;
  for (let k = table.rowStart[h]; k < wordEnd[h]; k++) {
    left -= entryWeight(x, position, k);
    if (left < 0) return table.words[k];
  }
  const above = position.values[placeOf(position.slot, up)] * (table.norm?.[up] ?? 1);
  const parentTotal = above - rawEnd[up] * position.step.end;
  for (let i = 0; i < PATIENCE; i++) {
    const word = sparseWord(x, position, up, parentTotal, uniform);
    if (word === -1) return -1;
    if (entryOf(table, h, word) === -1) return word;
  }
  return -1;
}

function entryWeight(x: Context, position: Position, k: number): number {
  const { factors, sources, slots } = position.step;
  const { words, probs, targets } = x.b.prepared.table;
  const c = x.b.machine.classOf[words[k]];
  return factors[c] === 0 ? 0 : probs[k] * factors[c] * sources[c][placeOf(slots[c], targets[k])];
}

function rootWord(x: Context, position: Position, h: number, uniform: () => number): number {
  const { table, wordEnd } = x.b.prepared;
  const from = table.rowStart[h];
  const sums = rootSums(x, position, h, from, wordEnd[h]);
  const count = sums.length;
  if (count === 0 || !(sums[count - 1] > 0)) return -1;
  return table.words[from + firstAbove(sums, uniform() * sums[count - 1])];
}

function rootSums(x: Context, position: Position, h: number, from: number, to: number): Float64Array {
  const kept = position.cumulative.get(h);
  if (kept !== undefined) return kept;
  const sums = new Float64Array(to - from);
  let sum = 0;
  for (let k = from; k < to; k++) sums[k - from] = sum += entryWeight(x, position, k);
  if (to - from >= LONG_ROW) position.cumulative.set(h, sums);
  return sums;
}
