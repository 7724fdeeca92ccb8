import { classOf } from './alphabet.ts';
import type { TextMachine } from './text-machine.ts';
import { ILL_FORMED, type Utf8Graph } from './utf8-graph.ts';

export const REPLACEMENT = 0xfffd;

/** What a character does to the machine once it is complete: the state reached, and the weight beyond what was paid before. */
export interface Effect {
  readonly target: number;
  readonly output: number;
}

/** The machine within a character: some of its bytes have been read. */
export interface PendingState {
  readonly last: boolean;
  /** By continuation byte: an effect where `last`, else a pending state; `ILL_FORMED` where the character is broken off. */
  readonly children: Int32Array;
  /** Effect of what is pending if it is broken off: that of U+FFFD. */
  readonly broken: number;
}

/** A state's first pending state, and what is paid on entering it. */
export interface Entry {
  readonly paid: number;
  /** Pending state of each node of the graph. */
  readonly of: (node: number) => number;
}

/**
 * States within a character, shared by all that cannot be told apart: they are named by what their bytes will do, not by the state that
 * they came from. What U+FFFD would pay is paid on entering, so that states that differ in that weight alone share their pending states.
 */
export class PendingStates {
  readonly states: PendingState[] = [];
  readonly effects: Effect[] = [];
  readonly #machine: TextMachine;
  readonly #graph: Utf8Graph;
  readonly #classes: readonly number[];
  readonly #replacement: number;
  readonly #ids = new Map<string, number>();
  readonly #effectIds = new Map<string, number>();
  readonly #bySignature = new Map<string, Int32Array>();

  constructor(machine: TextMachine, graph: Utf8Graph) {
    this.#machine = machine;
    this.#graph = graph;
    this.#replacement = classOf(machine.alphabet, REPLACEMENT);
    const leaves = graph.nodes.filter((node) => node.last).flatMap((node) => [...node.children]);
    this.#classes = [...new Set(leaves)].sort((a, b) => a - b);
  }

  enter(state: number): Entry {
    const { output, alphabet } = this.#machine;
    const base = state * alphabet.size;
    const replaced = output?.[base + this.#replacement] ?? 0;
    const paid = Number.isFinite(replaced) ? replaced : 0;
    const effectOf = new Int32Array(alphabet.size);
    for (const c of this.#classes) {
      effectOf[c] = this.#effect(this.#machine.next[base + c], (output?.[base + c] ?? 0) - paid);
    }
    const signature = this.#classes.map((c) => effectOf[c]).join();
    let known = this.#bySignature.get(signature);
    if (known === undefined) {
      this.#bySignature.set(signature, (known = new Int32Array(this.#graph.nodes.length).fill(ILL_FORMED)));
    }
    const ids = known;
    return { paid, of: (node) => this.#pending(node, effectOf, ids) };
  }

  #effect(target: number, output: number): number {
    const key = `${target} ${output}`;
    let id = this.#effectIds.get(key);
    if (id === undefined) this.#effectIds.set(key, (id = this.effects.push({ target, output }) - 1));
    return id;
  }

  #pending(node: number, effectOf: Int32Array, known: Int32Array): number {
    if (known[node] !== ILL_FORMED) return known[node];
    const { last, children: below } = this.#graph.nodes[node];
    const children = below.map((child) => {
      if (child === ILL_FORMED) return ILL_FORMED;
      return last ? effectOf[child] : this.#pending(child, effectOf, known);
    });
    const broken = effectOf[this.#replacement];
    const key = `${last} ${broken} ${children}`;
    let id = this.#ids.get(key);
    if (id === undefined) this.#ids.set(key, (id = this.states.push({ last, children, broken }) - 1));
    return (known[node] = id);
  }
}
