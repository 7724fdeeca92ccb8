import { indexValues, onePartition, splitByValue, type Partition } from './refine.ts';
import { PendingStates, REPLACEMENT, type Entry } from './pending-states.ts';
import type { SymbolMachine } from './symbol-machine.ts';
import { tooManyStates, type Refusal, type TextMachine } from './text-machine.ts';
import { classOf, type Alphabet } from './alphabet.ts';
import { CONTINUATIONS, ILL_FORMED, utf8Graph, type Utf8Graph } from './utf8-graph.ts';

/** Greatest number of states × classes of bytes. */
const BYTE_CELL_BUDGET = 16_000_000;

/** A machine over classes of bytes. */
export interface ByteMachine extends SymbolMachine {
  /** Class of each of the 256 bytes. */
  readonly classOf: Int32Array;
}

/**
 * A machine over code points as one over the bytes of UTF-8, ill-formed ones included: each maximal part that begins no well-formed
 * character is read as one U+FFFD, as the WHATWG decoder does. Its states are those of `machine`, then those within a character.
 */
export function byteMachine(machine: TextMachine): ByteMachine | Refusal {
  const graph = utf8Graph(machine.alphabet);
  const bytes = byteClasses(machine.alphabet, graph);
  const most = Math.floor(BYTE_CELL_BUDGET / bytes.blocks);
  const pending = new PendingStates(machine, graph);
  const entries: Entry[] = [];
  const leads = [...new Set(graph.leads)].filter((node) => node !== ILL_FORMED);
  for (let s = 0; s < machine.states; s++) {
    entries.push(pending.enter(s));
    for (const node of leads) entries[s].of(node);
    if (machine.states + pending.states.length > most) return tooManyStates(most);
  }
  return new ByteTables(machine, graph, bytes, pending, entries).build();
}

/** Bytes that no state tells apart. */
function byteClasses(alphabet: Alphabet, graph: Utf8Graph): Partition {
  const first = Array.from(graph.leads, (node, byte) => (byte < 0x80 ? -2 - classOf(alphabet, byte) : node));
  const { index, count } = indexValues(first);
  let classes = splitByValue(onePartition(256), index, count);
  for (const { children } of graph.nodes) {
    const row = new Int32Array(256).fill(ILL_FORMED);
    row.set(children, 0x80);
    const values = indexValues(row);
    if (values.count > 1) classes = splitByValue(classes, values.index, values.count);
  }
  return classes;
}

class ByteTables {
  readonly #machine: TextMachine;
  readonly #graph: Utf8Graph;
  readonly #pending: PendingStates;
  readonly #entries: readonly Entry[];
  readonly #bytes: Partition;
  /** A byte of each class. */
  readonly #sample: Int32Array;
  readonly #next: Int32Array;
  readonly #output: Float64Array | undefined;

  constructor(
    machine: TextMachine,
    graph: Utf8Graph,
    bytes: Partition,
    pending: PendingStates,
    entries: readonly Entry[],
  ) {
    this.#machine = machine;
    this.#graph = graph;
    this.#pending = pending;
    this.#entries = entries;
    this.#bytes = bytes;
    this.#sample = new Int32Array(bytes.blocks);
    bytes.blockOf.forEach((c, byte) => (this.#sample[c] = byte));
    const cells = (machine.states + pending.states.length) * bytes.blocks;
    this.#next = new Int32Array(cells);
    this.#output = machine.output === undefined ? undefined : new Float64Array(cells);
  }

  build(): ByteMachine {
    const { states, start, divisor, final } = this.#machine;
    for (let s = 0; s < states; s++) this.#fillWhole(s);
    const ends = this.#pending.states.map((_, p) => this.#fillPending(p));
    return {
      width: this.#bytes.blocks,
      classOf: this.#bytes.blockOf,
      states: states + ends.length,
      start,
      divisor,
      next: this.#next,
      output: this.#output,
      final: Float64Array.of(...final, ...ends),
    };
  }

  #put(cell: number, target: number, output: number): void {
    this.#next[cell] = target;
    if (this.#output !== undefined) this.#output[cell] = output;
  }

  /** A state between characters. */
  #fillWhole(state: number): void {
    const { alphabet, next, output, states } = this.#machine;
    this.#sample.forEach((byte, c) => {
      const cell = state * this.#sample.length + c;
      const lead = this.#graph.leads[byte];
      if (lead !== ILL_FORMED) {
        this.#put(cell, states + this.#entries[state].of(lead), this.#entries[state].paid);
        return;
      }
      const from = state * alphabet.size + classOf(alphabet, byte < 0x80 ? byte : REPLACEMENT);
      this.#put(cell, next[from], output?.[from] ?? 0);
    });
  }

  /** A state within a character; returns its value at the end of the text. A byte that breaks the character off is read after U+FFFD. */
  #fillPending(p: number): number {
    const width = this.#sample.length;
    const { last, children, broken } = this.#pending.states[p];
    const { target, output } = this.#pending.effects[broken];
    this.#sample.forEach((byte, c) => {
      const cell = (this.#machine.states + p) * width + c;
      const child = byte >= 0x80 && byte < 0x80 + CONTINUATIONS ? children[byte - 0x80] : ILL_FORMED;
      if (child === ILL_FORMED) {
        const from = target * width + c;
        this.#put(cell, this.#next[from], output + (this.#output?.[from] ?? 0));
      } else if (last) {
        const effect = this.#pending.effects[child];
        this.#put(cell, effect.target, effect.output);
      } else this.#put(cell, this.#machine.states + child, 0);
    });
    return output + this.#machine.final[target];
  }
}
