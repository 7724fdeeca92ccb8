import type { TokenMachine } from '@postulate/models';
import type { NoMachine } from '../port/index.ts';
import { constantMachine } from './constant.ts';
import { expand } from './expand.ts';
import { minimise } from './minimise.ts';
import { combinedFinals, product, type Product } from './product.ts';
import { allMachines, noMachine, type MachineBudget, type MachineResult } from './result.ts';

/**
 * The machine of `f(value₁, …, valueₙ)`. Additive machines are first expanded to have their values in the finals.
 * `f` may answer `-Infinity`; NaN or +∞ for a value that some text has gives no machine.
 * `machines` is not empty.
 */
export function mapMachines(
  machines: readonly TokenMachine[],
  f: (values: readonly number[]) => number,
  budget: MachineBudget,
): MachineResult {
  const expanded = allMachines(machines.map((m) => expand(m, budget)));
  if ('reason' in expanded) return expanded;
  const p = product(expanded, budget.maxStates);
  if ('reason' in p) return p;
  const finals = legalFinals(p, f, budget.maxTokens);
  if ('reason' in finals) return finals;
  const mapped = minimise({
    ...{ vocabularySize: p.classOf.length, states: p.states, start: 0 },
    ...{ classes: p.classes, classOf: p.classOf, next: p.next, output: undefined },
    ...finals,
  });
  return mapped.states === 1 && mapped.finalEnd[0] === mapped.finalStop[0]
    ? constantMachine(mapped.vocabularySize, mapped.finalEnd[0])
    : mapped;
}

function legalFinals(
  p: Product,
  f: (values: readonly number[]) => number,
  maxTokens: number,
): { readonly finalEnd: Float64Array; readonly finalStop: Float64Array } | NoMachine {
  const finalEnd = combinedFinals(
    p,
    p.machines.map((m) => m.finalEnd),
    f,
  );
  const finalStop = combinedFinals(
    p,
    p.machines.map((m) => m.finalStop),
    f,
  );
  const illegal = (v: number): boolean => Number.isNaN(v) || v === Infinity;
  if (!finalEnd.some(illegal) && !finalStop.some(illegal)) return { finalEnd, finalStop };
  // A state that no text ends in may be outside the domain of `f`: its value is never asked for.
  const { ends, stops } = endStates(p, maxTokens);
  for (let s = 0; s < p.states; s++) {
    if ((illegal(finalEnd[s]) && ends[s] === 1) || (illegal(finalStop[s]) && stops[s] === 1)) {
      return noMachine('it is not a number for some text');
    }
    if (illegal(finalEnd[s])) finalEnd[s] = 0;
    if (illegal(finalStop[s])) finalStop[s] = 0;
  }
  return { finalEnd, finalStop };
}

/** States reached by fewer than `maxTokens` tokens, and by exactly that many. */
function endStates(p: Product, maxTokens: number): { readonly ends: Uint8Array; readonly stops: Uint8Array } {
  const ends = new Uint8Array(p.states);
  let layer = new Uint8Array(p.states);
  layer[0] = 1;
  for (let t = 0; t < maxTokens; t++) {
    const after = new Uint8Array(p.states);
    for (let s = 0; s < p.states; s++) {
      if (layer[s] === 0) continue;
      ends[s] = 1;
      for (let c = 0; c < p.classes; c++) after[p.next[s * p.classes + c]] = 1;
    }
    layer = after;
  }
  return { ends, stops: layer };
}
