import type { TokenMachine } from '@postulate/models';
import type { Viability } from '../viability/index.ts';

/** What is known of a class of tokens after a prefix. */
const ALLOWED = 1;
const FORBIDDEN = 2;

/**
 * Whether a token leaves a prefix with an allowed text before it. What was found is kept by position, state of the joint
 * automaton and class of tokens, so that particles learn from each other.
 */
export class Verdicts {
  /** Questions asked. */
  asked = 0;
  /** Questions that were not answered from what had been found before. */
  tested = 0;
  private readonly known = new Map<number, Uint8Array>();
  private readonly machine: TokenMachine;
  private readonly alive: Uint8Array;
  private row: Uint8Array = new Uint8Array(0);
  private position = 0;
  private state = 0;

  constructor({ machine, alive }: Viability) {
    this.machine = machine;
    this.alive = alive;
  }

  /** The prefix that is asked about from now on: its length and its state. */
  at(position: number, state: number): void {
    const key = position * this.machine.states + state;
    let row = this.known.get(key);
    if (row === undefined) this.known.set(key, (row = new Uint8Array(this.machine.classes + 1)));
    this.row = row;
    this.position = position;
    this.state = state;
  }

  /** Whether the prefix may go on with a token, or with token V, the end of sequence. */
  readonly ok = (token: number): boolean => {
    const { classes, classOf, vocabularySize } = this.machine;
    const c = token === vocabularySize ? classes : classOf[token];
    this.asked++;
    if (this.row[c] === 0) {
      this.tested++;
      this.row[c] = this.test(c) ? ALLOWED : FORBIDDEN;
    }
    return this.row[c] === ALLOWED;
  };

  private test(c: number): boolean {
    const { classes, states, next, finalEnd } = this.machine;
    if (c === classes) return finalEnd[this.state] > -Infinity;
    return this.alive[(this.position + 1) * states + next[this.state * classes + c]] === 1;
  }
}
