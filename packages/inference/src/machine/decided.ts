import type { TokenMachine } from '@postulate/models';

const known = new WeakMap<TokenMachine, Uint8Array>();

/** 1 for each state from which on nothing changes the value any more: every continuation adds the same. */
export function decidedStates(machine: TokenMachine): Uint8Array {
  let decided = known.get(machine);
  if (decided === undefined) known.set(machine, (decided = findDecided(machine)));
  return decided;
}

/** The largest set of states that agree on what is to come, found by taking out those that do not. */
function findDecided({ states, classes, next, output, finalEnd, finalStop }: TokenMachine): Uint8Array {
  const decided = Uint8Array.from({ length: states }, (_, s) => (finalEnd[s] === finalStop[s] ? 1 : 0));
  const holds = (s: number): boolean => {
    for (let c = s * classes; c < (s + 1) * classes; c++) {
      const to = next[c];
      if (decided[to] === 0 || finalEnd[to] !== finalEnd[s] || (output?.[c] ?? 0) !== 0) return false;
    }
    return true;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (let s = 0; s < states; s++) {
      if (decided[s] === 0 || holds(s)) continue;
      decided[s] = 0;
      changed = true;
    }
  }
  return decided;
}
