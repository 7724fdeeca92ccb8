import type { TokenMachine } from '@postulate/models';
import type { Viability } from '../viability/index.ts';

/** What is known of a class of tokens after a prefix. */
const ALLOWED = 1;
const FORBIDDEN = 2;

/** Verdicts after one prefix: by class of tokens, the end of sequence last. */
interface Known {
  readonly verdicts: Uint8Array;
  forbidden: number;
  /** Whether a draw after it asked many questions. */
  costly: boolean;
}

/** Questions of one draw from which on most of its row is taken to be forbidden. */
const MANY = 64;

/**
 * Whether a token leaves a prefix with an allowed text before it. What was found is kept by position, state of the joint
 * automaton and class of tokens, so that particles learn from each other.
 */
export class Verdicts {
  /** Questions asked. */
  asked = 0;
  /** Questions that were not answered from what had been found before. */
  tested = 0;
  private readonly known = new Map<number, Known>();
  private readonly machine: TokenMachine;
  private readonly alive: Uint8Array;
  private row: Known = { verdicts: new Uint8Array(0), forbidden: 0, costly: false };
  private position = 0;
  private state = 0;

  /** With `remember` false every question is a test, and nothing is known beforehand. */
  constructor(
    { machine, alive }: Viability,
    private readonly remember: boolean,
  ) {
    this.machine = machine;
    this.alive = alive;
  }

  /** The prefix that is asked about from now on: its length and its state. */
  at(position: number, state: number): void {
    this.position = position;
    this.state = state;
    if (!this.remember) return;
    const key = position * this.machine.states + state;
    let row = this.known.get(key);
    if (row === undefined) {
      row = { verdicts: new Uint8Array(this.machine.classes + 1), forbidden: 0, costly: false };
      this.known.set(key, row);
    }
    this.row = row;
  }

  /** Whether the prefix may go on with a token, or with token V, the end of sequence. */
  readonly ok = (token: number): boolean => {
    this.asked++;
    const c = this.classOf(token);
    const { row } = this;
    if (this.remember && row.verdicts[c] !== 0) return row.verdicts[c] === ALLOWED;
    this.tested++;
    const allowed = this.test(c);
    if (this.remember) {
      row.verdicts[c] = allowed ? ALLOWED : FORBIDDEN;
      if (!allowed) row.forbidden++;
    }
    return allowed;
  };

  /** Takes note of how many questions the draw took that has just been made. */
  took(questions: number): void {
    if (this.remember && questions > MANY) this.row.costly = true;
  }

  /** Whether draws after this prefix are known to ask many questions. */
  get costly(): boolean {
    return this.row.costly;
  }

  /** Tells which tokens are known to be forbidden without a test; undefined where none is. */
  get knownForbidden(): ((token: number) => boolean) | undefined {
    return this.row.forbidden > 0 ? this.isForbidden : undefined;
  }

  private readonly isForbidden = (token: number): boolean => this.row.verdicts[this.classOf(token)] === FORBIDDEN;

  private classOf(token: number): number {
    const { classes, classOf, vocabularySize } = this.machine;
    return token === vocabularySize ? classes : classOf[token];
  }

  private test(c: number): boolean {
    const { classes, states, next, finalEnd } = this.machine;
    if (c === classes) return finalEnd[this.state] > -Infinity;
    return this.alive[(this.position + 1) * states + next[this.state * classes + c]] === 1;
  }
}
