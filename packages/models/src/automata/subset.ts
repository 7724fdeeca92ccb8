import type { Alphabet } from './alphabet.ts';
import { minimiseText } from './minimise-text.ts';
import { TEXT_STATE_BUDGET, tooManyStates, type Refusal, type TextMachine } from './text-machine.ts';

export interface NfaEdge {
  readonly classes: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
}

/** A non-deterministic automaton without empty moves, over the classes of an alphabet. */
export interface Nfa {
  readonly alphabet: Alphabet;
  readonly initial: readonly number[];
  readonly accepting: ReadonlySet<number>;
  /** A state from which everything is accepted: a set that holds it becomes it alone. −1 where there is none. */
  readonly sink: number;
  /** Edges of each state. */
  readonly edges: readonly (readonly NfaEdge[])[];
}

/** The minimal deterministic automaton of `nfa` by the subset construction. */
export function determinise(nfa: Nfa, budget = TEXT_STATE_BUDGET): TextMachine | Refusal {
  const width = nfa.alphabet.size;
  const sets = new StateSets(nfa.sink);
  const start = sets.idOf(nfa.initial.slice());
  const next: number[] = [];
  const buckets: number[][] = Array.from({ length: width }, () => []);
  for (let state = 0; state < sets.count; state++) {
    if (sets.count > budget) return tooManyStates(budget);
    for (const bucket of buckets) bucket.length = 0;
    for (const s of sets.members(state)) if (s !== nfa.sink) spread(nfa.edges[s], buckets);
    const universal = sets.members(state)[0] === nfa.sink && nfa.sink !== -1;
    for (let c = 0; c < width; c++) next.push(universal ? state : sets.idOf(buckets[c]));
  }
  const final = Float64Array.from({ length: sets.count }, (_, id) =>
    sets.members(id).some((s) => nfa.accepting.has(s)) ? 1 : 0,
  );
  const table = Int32Array.from(next);
  const machine = {
    alphabet: nfa.alphabet,
    states: sets.count,
    start,
    next: table,
    output: undefined,
    final,
    divisor: 1,
  };
  return minimiseText(machine);
}

/** Adds where the edges of a state lead to the bucket of each class. */
function spread(edges: readonly NfaEdge[], buckets: readonly number[][]): void {
  for (let e = 0; e < edges.length; e++) {
    const { classes, targets } = edges[e];
    for (let i = 0; i < classes.length; i++) {
      const bucket = buckets[classes[i]];
      for (let k = 0; k < targets.length; k++) bucket.push(targets[k]);
    }
  }
}

/** Sets of numbers, each with an id. */
class StateSets {
  readonly #sets: Int32Array[] = [];
  readonly #byHash = new Map<number, number[]>();
  readonly #sink: number;

  constructor(sink: number) {
    this.#sink = sink;
  }

  get count(): number {
    return this.#sets.length;
  }

  members(id: number): Int32Array {
    return this.#sets[id];
  }

  /** Sorts `set` in place. */
  idOf(set: number[]): number {
    const size = this.#canonical(set);
    let hash = size;
    for (let i = 0; i < size; i++) hash = (Math.imul(hash, 31) + set[i]) | 0;
    const candidates = this.#byHash.get(hash);
    if (candidates !== undefined) {
      for (const id of candidates) if (equalPrefix(this.#sets[id], set, size)) return id;
    }
    const id = this.#sets.length;
    this.#sets.push(Int32Array.from(set.slice(0, size)));
    if (candidates === undefined) this.#byHash.set(hash, [id]);
    else candidates.push(id);
    return id;
  }

  /** Sorts, drops repeats, collapses what accepts everything; returns the size that is left. */
  #canonical(set: number[]): number {
    if (set.length < 2) return set.length;
    if (this.#sink !== -1 && set.includes(this.#sink)) {
      set[0] = this.#sink;
      return 1;
    }
    if (set.length === 2) {
      if (set[0] > set[1]) set.reverse();
    } else set.sort((a, b) => a - b);
    let size = 1;
    for (let i = 1; i < set.length; i++) if (set[i] !== set[size - 1]) set[size++] = set[i];
    return size;
  }
}

function equalPrefix(a: Int32Array, b: readonly number[], size: number): boolean {
  if (a.length !== size) return false;
  for (let i = 0; i < size; i++) if (a[i] !== b[i]) return false;
  return true;
}
