import type { TokenMachine } from '@postulate/models';

/** Layers by tokens left; the last one holds for more of them too once it repeats the one before. */
interface Layers {
  readonly found: Float64Array[];
  closed: boolean;
}

const known = new WeakMap<TokenMachine, Layers>();

/**
 * What a text that may read `left` more tokens still adds from each state on, where that is the same however it goes on; NaN where
 * it is not. A text that has used up its tokens is stopped.
 */
export function settledValues(machine: TokenMachine, left: number): Float64Array {
  let layers = known.get(machine);
  if (layers === undefined) known.set(machine, (layers = { found: [machine.finalStop.slice()], closed: false }));
  const { found } = layers;
  while (!layers.closed && found.length <= left) {
    const before = found[found.length - 1];
    const next = oneMore(machine, before);
    layers.closed = next.every((v, s) => Object.is(v, before[s]));
    found.push(next);
  }
  return found[Math.min(left, found.length - 1)];
}

/** The same with one token more to read. */
function oneMore({ states, classes, next, output, finalEnd }: TokenMachine, before: Float64Array): Float64Array {
  return Float64Array.from({ length: states }, (_, s) => {
    for (let c = s * classes; c < (s + 1) * classes; c++) {
      if (before[next[c]] + (output?.[c] ?? 0) !== finalEnd[s]) return NaN;
    }
    return finalEnd[s];
  });
}
