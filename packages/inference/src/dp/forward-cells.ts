import { add, weighCells, weighed } from './cells.ts';
import { placeOf } from './domains.ts';
import type { EntropyTerms } from './entropy-terms.ts';
import type { Moves, Pass, Standing } from './forward-pass.ts';

/**
 * Moves the mass of all contexts one token further, gathered by cell first, so that an entry costs one look-up whatever
 * its class. Adds the step's part of E[log prior], but for norms, where `terms` are given. The loops are many because
 * each reads few arrays: more than what the registers hold makes them twice as slow. Sums over rows are kept in arrays of
 * one number: the compiler, which takes such a loop over while it runs, would put a local one on the heap at every row.
 */
export function pushAll(pass: Pass, standing: Standing, moves: Moves, terms: EntropyTerms | undefined): void {
  use(pass, standing);
  if (terms !== undefined) {
    weighCells(pass.cells, moves, pass.weights);
    pass.logPrior += backoffLogs(pass, standing, terms) + entryLogs(pass, terms) - crossingLogs(pass, terms);
  }
  gather(pass);
  gatherCrossing(pass);
  deliver(pass, moves);
  pass.usage.fill(0);
}

/** Turns the mass that is in each context into how often each row is used, back-off included. */
function use({ usage, b }: Pass, { domain, mass }: Standing): void {
  const { parent, backoff, norm } = b.prepared.table;
  const { contexts: order } = domain;
  if (norm === undefined) usage.set(mass);
  else for (let h = 0; h < usage.length; h++) usage[h] = mass[h] / norm[h];
  for (let i = order.length - 1; i >= 0; i--) {
    const h = order[i];
    const up = parent[h];
    if (up !== -1) usage[up] += backoff[h] * usage[h];
  }
}

/** What back-off weights add to E[log prior]. */
function backoffLogs({ usage, b }: Pass, { values }: Standing, { backoff }: EntropyTerms): number {
  const { parent, norm } = b.prepared.table;
  const logs = new Float64Array(1);
  for (let h = 0; h < usage.length; h++) {
    const up = parent[h];
    if (up !== -1) logs[0] += usage[h] * backoff[h] * (norm === undefined ? values[up] : values[up] * norm[up]);
  }
  return logs[0];
}

function gather({ usage, moved, cells, b }: Pass): void {
  const { plus, table } = b.prepared;
  const { rowStart } = table;
  const { target } = cells;
  for (let h = 0; h < usage.length; h++) {
    if (usage[h] !== 0) add(moved, target, plus, usage[h], rowStart[h], rowStart[h + 1]);
  }
}

/** What the entries add to E[log prior]. */
function entryLogs({ usage, weights, cells, b }: Pass, terms: EntropyTerms): number {
  const { rowStart } = b.prepared.table;
  const { target } = cells;
  const { plus } = terms;
  const logs = new Float64Array(1);
  for (let h = 0; h < usage.length; h++) {
    if (usage[h] !== 0) logs[0] += usage[h] * weighed(plus, weights, target, rowStart[h], rowStart[h + 1]);
  }
  return logs[0];
}

/** The part of `gather` that entries take away from where their words would lead without them. */
function gatherCrossing({ usage, moved, cells, b }: Pass): void {
  const { minus, crossing, table } = b.prepared;
  const { rowStart } = table;
  const { fallTarget } = cells;
  for (let i = 0; i < crossing.length; i++) {
    const h = crossing[i];
    if (usage[h] !== 0) add(moved, fallTarget, minus, -usage[h], rowStart[h], rowStart[h + 1]);
  }
}

/** What such entries take away from E[log prior]. */
function crossingLogs({ usage, weights, cells, b }: Pass, { minus }: EntropyTerms): number {
  const { crossing, table } = b.prepared;
  const { rowStart } = table;
  const { fallTarget } = cells;
  const logs = new Float64Array(1);
  for (let i = 0; i < crossing.length; i++) {
    const h = crossing[i];
    logs[0] += usage[h] * weighed(minus, weights, fallTarget, rowStart[h], rowStart[h + 1]);
  }
  return logs[0];
}

/** Empties the cells into the contexts of the next position; counts what ends, and what survives of each class. */
function deliver({ moved, cells, ended }: Pass, moves: Moves): void {
  const { usual, end, unusual, unusualContext, unusualClass } = cells;
  const { factors, sources, sinks, slots, read, state } = moves;
  ended[state] += moved[end] * moves.end;
  moved[end] = 0;
  for (let i = 0; i < unusual.length; i++) {
    const own = moved[unusual[i]];
    const c = unusualClass[i];
    if (own === 0) continue;
    moved[unusual[i]] = 0;
    if (factors[c] === 0) continue;
    const at = placeOf(slots[c], unusualContext[i]);
    sinks[c][at] += factors[c] * own;
    read[c] += factors[c] * own * sources[c][at];
  }
  const slot = slots[usual];
  const factor = factors[usual];
  const source = sources[usual];
  const sink = sinks[usual];
  if (factor === 0) {
    moved.fill(0);
    return;
  }
  const survived = new Float64Array(1);
  for (let h = 0; h < end; h++) {
    const own = moved[h];
    if (own === 0) continue;
    moved[h] = 0;
    const at = slot === undefined ? h : slot[h];
    sink[at] += factor * own;
    survived[0] += own * source[at];
  }
  read[usual] += factor * survived[0];
}
