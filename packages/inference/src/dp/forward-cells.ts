import { weighCells } from './cells.ts';
import { placeOf } from './domains.ts';
import type { EntropyTerms } from './entropy-terms.ts';
import type { Moves, Pass } from './forward-pass.ts';

/**
 * Moves what the rows of all contexts are used along their entries, gathered by cell first, so that an entry costs one
 * look-up whatever its class; counts in `read` how much of it survives, by class. Adds the entries' part of
 * E[log prior] where `withEntropy`.
 */
export function pushAll(pass: Pass, moves: Moves, read: Float64Array, withEntropy: boolean): void {
  if (withEntropy && pass.terms !== undefined) {
    weighCells(pass.cells, moves, pass.usual, pass.weights);
    gatherWithEntropy(pass, pass.terms);
  } else gather(pass);
  deliver(pass, moves, read);
}

function gather({ usage, moved, cells, b }: Pass): void {
  const { wordEnd, plus, minus, plain, table } = b.prepared;
  const { rowStart } = table;
  const { target, fallTarget } = cells;
  for (let h = 0; h < usage.length; h++) {
    const used = usage[h];
    if (used === 0) continue;
    const to = wordEnd[h];
    for (let k = rowStart[h]; k < to; k++) moved[target[k]] += used * plus[k];
    if (plain[h] === 0) for (let k = rowStart[h]; k < to; k++) moved[fallTarget[k]] -= used * minus[k];
  }
}

/** Apart from `gather`, which would be slowed down by what it does not need. */
function gatherWithEntropy(pass: Pass, terms: EntropyTerms): void {
  const { usage, moved, weights, cells } = pass;
  const { wordEnd, plus, minus, plain, table } = pass.b.prepared;
  const { rowStart } = table;
  const { target, fallTarget } = cells;
  const { plus: logPlus, minus: logMinus } = terms;
  let logs = 0;
  for (let h = 0; h < usage.length; h++) {
    const used = usage[h];
    if (used === 0) continue;
    const to = wordEnd[h];
    let own = 0;
    for (let k = rowStart[h]; k < to; k++) {
      const cell = target[k];
      moved[cell] += used * plus[k];
      own += logPlus[k] * weights[cell];
    }
    if (plain[h] === 0) {
      for (let k = rowStart[h]; k < to; k++) {
        const cell = fallTarget[k];
        moved[cell] -= used * minus[k];
        own -= logMinus[k] * weights[cell];
      }
    }
    logs += used * own;
  }
  pass.logPrior += logs;
}

/** Empties the cells into the contexts of the next position. */
function deliver({ moved, cells, usual }: Pass, moves: Moves, read: Float64Array): void {
  const { contexts, count, classes, further } = cells;
  const { factors, sources, sinks, slots } = moves;
  const direct = slots[usual] === undefined ? usual : -1;
  const factor = factors[usual];
  const source = sources[usual];
  const sink = sinks[usual];
  let usualRead = 0;
  for (let i = 0; i < count; i++) {
    const own = moved[i];
    if (own === 0) continue;
    moved[i] = 0;
    const c = classes[i];
    const h = i < contexts ? i : further[i - contexts];
    if (c === direct) {
      sink[h] += factor * own;
      usualRead += factor * own * source[h];
    } else if (factors[c] !== 0) {
      const at = placeOf(slots[c], h);
      sinks[c][at] += factors[c] * own;
      read[c] += factors[c] * own * sources[c][at];
    }
  }
  read[usual] += usualRead;
}
