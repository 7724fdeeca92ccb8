import { placeOf } from './domains.ts';
import type { Moves, Pass } from './forward-pass.ts';

/** `pushAll` over a few contexts: only what they store is looked at. */
export function pushSome(
  pass: Pass,
  contexts: Int32Array,
  moves: Moves,
  read: Float64Array,
  withEntropy: boolean,
): void {
  const { usage, terms } = pass;
  const { wordEnd, plus, minus, fallTarget, table, plain } = pass.b.prepared;
  const { rowStart, targets, words } = table;
  const { classOf } = pass.product;
  const { factors, sources, sinks, slots } = moves;
  // Long rows hold words of the usual class, which lead back to all contexts: its arrays are kept at hand.
  const usual = slots[pass.usual] === undefined ? pass.usual : -1;
  const usualFactor = factors[pass.usual];
  const usualSource = sources[pass.usual];
  const usualSink = sinks[pass.usual];
  const logPlus = terms?.plus ?? plus;
  const logMinus = terms?.minus ?? minus;
  let usualRead = 0;
  let logs = 0;
  for (let i = 0; i < contexts.length; i++) {
    const h = contexts[i];
    const used = usage[h];
    if (used === 0) continue;
    const simple = plain[h] === 1;
    const usualWeight = used * usualFactor;
    for (let k = rowStart[h], end = wordEnd[h]; k < end; k++) {
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
  }
  if (usual !== -1) read[usual] += usualRead;
  if (withEntropy) pass.logPrior += logs;
}
