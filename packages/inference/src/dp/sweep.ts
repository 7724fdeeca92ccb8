import type { TokenMachine } from '@postulate/models';
import { cellsOf, weighCells, weighed, type Cells } from './cells.ts';
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
  /** Per cell: what it weighs at the next position. */
  readonly weights: Float64Array;
  /** Per context: the sum over its words and the end of the sequence, before division by its norm. */
  readonly sums: Float64Array;
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
    weights: new Float64Array(cells.count),
    sums: new Float64Array(prepared.contexts),
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
  const { weights, cells } = x;
  const { plus, minus, plain, table } = x.prepared;
  const { rowStart, parent, backoff, norm } = table;
  const { target, fallTarget } = cells;
  const { contexts: order } = domain;
  const sums = norm === undefined ? layer : x.sums;
  weighCells(cells, step, weights);
  for (let i = 0; i < order.length; i++) {
    const h = order[i];
    const up = parent[h];
    const to = rowStart[h + 1];
    const gained = (up === -1 ? 0 : backoff[h] * sums[up]) + weighed(plus, weights, target, rowStart[h], to);
    sums[h] = gained;
    if (plain[h] === 1) continue;
    const lost = weighed(minus, weights, fallTarget, rowStart[h], to);
    sums[h] = cancels(gained, lost) ? recomputed(x, h, step) : gained - lost;
  }
  if (norm !== undefined) for (let h = 0; h < layer.length; h++) layer[h] = sums[h] / norm[h];
}

/** Over few contexts: only what they store is looked at. */
function sweepSome(x: Sweeper, domain: Domain, step: StepWeights, layer: Float64Array): void {
  const { sums, machine, cells } = x;
  const { wordEnd, plus, minus, fallTarget, plain, table } = x.prepared;
  const { rowStart, words, targets, parent, backoff, norm } = table;
  const { factors, sources, slots, end } = step;
  const { classOf } = machine;
  // Long rows hold words of the usual class, which lead back to all contexts: its arrays are kept at hand.
  const usual = slots[cells.usual] === undefined ? cells.usual : -1;
  const usualFactor = factors[cells.usual];
  const usualSource = sources[cells.usual];
  const { contexts } = domain;
  for (let i = 0; i < contexts.length; i++) {
    const h = contexts[i];
    const up = parent[h];
    const simple = plain[h] === 1;
    let gained = up === -1 ? 0 : backoff[h] * sums[up];
    let lost = 0;
    for (let k = rowStart[h], to = wordEnd[h]; k < to; k++) {
      const c = classOf[words[k]];
      if (c === usual) {
        gained += usualFactor * plus[k] * usualSource[targets[k]];
        if (!simple) lost += usualFactor * minus[k] * usualSource[fallTarget[k]];
      } else if (factors[c] !== 0) {
        gained += factors[c] * plus[k] * sources[c][placeOf(slots[c], targets[k])];
        if (!simple) lost += factors[c] * minus[k] * sources[c][placeOf(slots[c], fallTarget[k])];
      }
    }
    for (let k = wordEnd[h]; k < rowStart[h + 1]; k++) {
      gained += plus[k] * end;
      lost += minus[k] * end;
    }
    sums[h] = cancels(gained, lost) ? recomputed(x, h, step) : gained - lost;
    layer[i] = sums[h] / (norm === undefined ? 1 : norm[h]);
  }
}

/** Whether too little would be left of a difference. */
const cancels = (gained: number, lost: number): boolean => lost > 0 && gained - lost <= CANCELLATION * gained;

/** Sum of a context from non-negative terms only. */
function recomputed(x: Sweeper, context: number, step: StepWeights): number {
  x.recomputed++;
  x.row ??= emptyDenseRow(x.prepared.vocabularySize);
  return denseSum(x.prepared, context, x.row, x.machine.classOf, step);
}

/** The same sum with non-negative terms only. */
function denseSum(p: PreparedTable, context: number, row: DenseRow, classOf: Int32Array, step: StepWeights): number {
  fillDenseRow(p, context, row);
  let sum = p.rawEnd[context] * step.end;
  for (let w = 0; w < row.raw.length; w++) {
    const c = classOf[w];
    if (row.raw[w] === 0 || step.factors[c] === 0) continue;
    sum += row.raw[w] * step.factors[c] * step.sources[c][placeOf(step.slots[c], row.targets[w])];
  }
  return sum;
}
