import type { TokenMachine } from '@postulate/models';
import { cellsOf, commonest, weighCells, type Cells } from './cells.ts';
import { emptyDenseRow, fillDenseRow, type DenseRow } from './dense-row.ts';
import { placeOf, type Domain } from './domains.ts';
import type { PreparedTable } from './prepared-table.ts';
import type { StepWeights } from './step-weights.ts';

/** Below this part of what was added and taken away, a difference has too few digits left. */
const CANCELLATION = 1e-6;

/** What every step of one backward recursion needs, and its working space. */
export interface Sweeper {
  readonly prepared: PreparedTable;
  readonly machine: TokenMachine;
  readonly cells: Cells;
  /** The class with the most words. */
  readonly usual: number;
  /** Per cell: what it weighs at the next position. */
  readonly weights: Float64Array;
  /** Per context: sum over its words. */
  readonly words: Float64Array;
  row: DenseRow | undefined;
  /** How many sums had to be taken over the whole vocabulary. */
  recomputed: number;
}

export function sweeperOf(prepared: PreparedTable, machine: TokenMachine): Sweeper {
  const cells = cellsOf(prepared, machine.classOf, machine.classes);
  return {
    prepared,
    machine,
    cells,
    usual: commonest(machine.classOf, machine.classes),
    weights: new Float64Array(cells.count),
    words: new Float64Array(prepared.contexts),
    row: undefined,
    recomputed: 0,
  };
}

/** Fills `layer` with the total weight of all continuations of each context of `domain`. */
export function sweep(x: Sweeper, domain: Domain, step: StepWeights, layer: Float64Array): void {
  if (domain.slot === undefined) sweepAll(x, domain, step, layer);
  else sweepSome(x, domain, step, layer);
}

/** Over all contexts: cells are weighed first, so that an entry costs one look-up whatever its class. */
function sweepAll(x: Sweeper, domain: Domain, step: StepWeights, layer: Float64Array): void {
  const { words, weights, cells } = x;
  const { wordEnd, plus, minus, rawEnd, plain, table } = x.prepared;
  const { rowStart, parent, backoff, norm } = table;
  const { target, fallTarget } = cells;
  const { end } = step;
  weighCells(cells, step, x.usual, weights);
  for (const h of domain.contexts) {
    const up = parent[h];
    const to = wordEnd[h];
    let sum = up === -1 ? 0 : backoff[h] * words[up];
    if (plain[h] === 1) for (let k = rowStart[h]; k < to; k++) sum += plus[k] * weights[target[k]];
    else {
      let lost = 0;
      for (let k = rowStart[h]; k < to; k++) {
        sum += plus[k] * weights[target[k]];
        lost += minus[k] * weights[fallTarget[k]];
      }
      sum = difference(x, h, sum, lost, step);
    }
    words[h] = sum;
    layer[h] = (sum + rawEnd[h] * end) / (norm === undefined ? 1 : norm[h]);
  }
}

/** Over few contexts: only what they store is looked at. */
function sweepSome(x: Sweeper, domain: Domain, step: StepWeights, layer: Float64Array): void {
  const { words, machine } = x;
  const { wordEnd, plus, minus, fallTarget, rawEnd, plain, table } = x.prepared;
  const { rowStart, targets, parent, backoff, norm } = table;
  const { factors, sources, slots } = step;
  const { classOf } = machine;
  const usual = slots[x.usual] === undefined ? x.usual : -1;
  const usualFactor = factors[x.usual];
  const usualSource = sources[x.usual];
  for (const [i, h] of domain.contexts.entries()) {
    const up = parent[h];
    const simple = plain[h] === 1;
    let gained = up === -1 ? 0 : backoff[h] * words[up];
    let lost = 0;
    for (let k = rowStart[h], to = wordEnd[h]; k < to; k++) {
      const c = classOf[table.words[k]];
      if (c === usual) {
        gained += usualFactor * plus[k] * usualSource[targets[k]];
        if (!simple) lost += usualFactor * minus[k] * usualSource[fallTarget[k]];
      } else if (factors[c] !== 0) {
        gained += factors[c] * plus[k] * sources[c][placeOf(slots[c], targets[k])];
        if (!simple) lost += factors[c] * minus[k] * sources[c][placeOf(slots[c], fallTarget[k])];
      }
    }
    words[h] = difference(x, h, gained, lost, step);
    layer[i] = (words[h] + rawEnd[h] * step.end) / (norm === undefined ? 1 : norm[h]);
  }
}

/** `gained − lost`, or the same from non-negative terms where too little would be left of it. */
function difference(x: Sweeper, context: number, gained: number, lost: number, step: StepWeights): number {
  if (lost === 0 || gained - lost > CANCELLATION * gained) return gained - lost;
  x.recomputed++;
  x.row ??= emptyDenseRow(x.prepared.vocabularySize);
  return denseSum(x.prepared, context, x.row, x.machine.classOf, step);
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
