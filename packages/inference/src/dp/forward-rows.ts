import { placeOf } from './domains.ts';
import type { EntropyTerms } from './entropy-terms.ts';
import type { Moves, Pass, Standing } from './forward-pass.ts';

/** `pushAll` over a few contexts: only what they store is looked at. */
export function pushSome(pass: Pass, standing: Standing, moves: Moves, terms: EntropyTerms | undefined): void {
  const { usage, b, cells, product } = pass;
  const { wordEnd, plus, minus, fallTarget, table, plain } = b.prepared;
  const { rowStart, targets, words, parent, backoff, norm } = table;
  const { classOf } = product;
  const { factors, sources, sinks, slots, end, read } = moves;
  const { contexts, slot: own } = standing.domain;
  // Long rows hold words of the usual class, which lead back to all contexts: its arrays are kept at hand.
  const usual = slots[cells.usual] === undefined ? cells.usual : -1;
  const usualFactor = factors[cells.usual];
  const usualSource = sources[cells.usual];
  const usualSink = sinks[cells.usual];
  const logPlus = terms?.plus ?? plus;
  const logMinus = terms?.minus ?? minus;
  let usualRead = 0;
  let ended = 0;
  let logs = 0;
  for (let i = contexts.length - 1; i >= 0; i--) {
    const h = contexts[i];
    const used = usage[h] + standing.mass[i] / (norm === undefined ? 1 : norm[h]);
    if (used === 0) continue;
    usage[h] = 0;
    const up = parent[h];
    if (up !== -1) {
      usage[up] += backoff[h] * used;
      const value = standing.values[placeOf(own, up)] * (norm === undefined ? 1 : norm[up]);
      if (terms !== undefined) logs += used * terms.backoff[h] * value;
    }
    const simple = plain[h] === 1;
    const usualWeight = used * usualFactor;
    for (let k = rowStart[h], to = wordEnd[h]; k < to; k++) {
      const c = classOf[words[k]];
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
    for (let k = wordEnd[h]; k < rowStart[h + 1]; k++) {
      ended += used * (plus[k] - minus[k]);
      logs += used * end * (logPlus[k] - logMinus[k]);
    }
  }
  pass.ended[moves.state] += ended * end;
  if (usual !== -1) read[usual] += usualRead;
  if (terms !== undefined) pass.logPrior += logs;
}
