import type { GuideReading, PolicyGuide, SequenceBatch, TokenMachine } from '../port/index.ts';
import { RowReader } from './row-reader.ts';

type Rows = Float32Array | Float64Array;

/** Below this share of what it was a sum that is made smaller by differences has lost digits. */
const CANCELS = 0.1;

/**
 * What a policy adds to the logits of a network or table: with s the state of an automaton after t tokens,
 *
 *   log π(v | prefix) = log b(v | prefix) + output(s, v) + g(t + 1, δ(s, v)) + const,   and finalEnd(s) for the end of the text.
 *
 * Where the automaton is that of log φ and g is log E[what φ has still to come | t, s], π is near the posterior whatever b knows of it,
 * and a token after which φ is surely 0 is never drawn. Where that would leave nothing, π is b. With a reading, g also depends on what b
 * expects next: g(t + 1, s) + w(s) · log b(tokens | prefix). Values in nats.
 */
export class Guide {
  readonly machine: TokenMachine;
  readonly maxTokens: number;
  /** g: (maxTokens + 1) × states. */
  readonly values: Float32Array;
  /** What it reads in the row; undefined for nothing. */
  reader: RowReader | undefined;
  private readonly shift: Float64Array;
  /** The class of most tokens, and the tokens of other classes. */
  private readonly common: number;
  private readonly others: Int32Array;

  constructor({ machine, values, reading }: PolicyGuide) {
    this.machine = machine;
    if (reading !== undefined) this.read(reading);
    this.values = Float32Array.from(values);
    this.maxTokens = values.length / machine.states - 1;
    this.shift = new Float64Array(machine.classes);
    const sizes = new Int32Array(machine.classes);
    for (const c of machine.classOf) sizes[c]++;
    const common = (this.common = sizes.indexOf(sizes.reduce((a, b) => Math.max(a, b), 0)));
    this.others = Int32Array.from(machine.classOf.keys()).filter((v) => machine.classOf[v] !== common);
  }

  /** Reads this in the row from now on. */
  read(reading: GuideReading): void {
    this.reader = new RowReader(reading, this.machine.states);
  }

  /** The guide as it is now, unmoved by later training. */
  copy(): Guide {
    return new Guide({
      machine: this.machine,
      values: Float64Array.from(this.values),
      reading: this.reader?.reading,
    });
  }

  /** The state after a token; the end of a text and what follows it leave it as it is. */
  follow(state: number, token: number): number {
    const { classOf, classes, next, vocabularySize } = this.machine;
    return token >= 0 && token < vocabularySize ? next[state * classes + classOf[token]] : state;
  }

  /** Tilts a row of b after `t` tokens, which begins at `at` and is normalised, to one of π. */
  tilt(rows: Rows, at: number, t: number, state: number): void {
    const { shift } = this;
    const { classOf, vocabularySize: size } = this.machine;
    this.reader?.read(rows, at);
    const shiftEnd = this.shiftsAt(t, state);
    if (shift.every((s) => s === shiftEnd)) return;
    const sum = this.massOf(rows, at, shiftEnd);
    if (!(sum > 0)) return;
    const log = Math.log(sum);
    for (let v = 0; v < size; v++) rows[at + v] += shift[classOf[v]] - log;
    rows[at + size] += shiftEnd - log;
  }

  /** Σ b(v) exp(shift): that of most tokens for all, and the rest by token; all by token where that would cancel. */
  private massOf(rows: Rows, at: number, shiftEnd: number): number {
    const { shift, others, common } = this;
    const { classOf, vocabularySize: size } = this.machine;
    const most = Math.exp(shift[common]);
    let sum = most + Math.exp(rows[at + size]) * (Math.exp(shiftEnd) - most);
    for (const v of others) sum += Math.exp(rows[at + v]) * (Math.exp(shift[classOf[v]]) - most);
    if (sum > CANCELS * most) return sum;
    sum = Math.exp(rows[at + size] + shiftEnd);
    for (let v = 0; v < size; v++) sum += Math.exp(rows[at + v] + shift[classOf[v]]);
    return sum;
  }

  /** Writes what each class of tokens is shifted by after the row that was read, the largest taken off; returns that of the end. */
  private shiftsAt(t: number, state: number): number {
    const { machine, shift, values, reader } = this;
    const { classes, next, output, states, finalEnd } = machine;
    let most = finalEnd[state];
    for (let c = 0; c < classes; c++) {
      const arc = state * classes + c;
      const index = (t + 1) * states + next[arc];
      shift[c] = (output?.[arc] ?? 0) + values[index] + (reader?.worth(index, next[arc]) ?? 0);
      if (shift[c] > most) most = shift[c];
    }
    if (most === -Infinity) most = 0;
    for (let c = 0; c < classes; c++) shift[c] -= most;
    return finalEnd[state] - most;
  }

  /** Calls `visit` with every choice of sequence `i`: its number there, the state before it, and its token, V for the end. */
  walk(
    { tokens, offsets, finished }: SequenceBatch,
    i: number,
    visit: (t: number, state: number, token: number) => void,
  ): void {
    let state = this.machine.start;
    const length = offsets[i + 1] - offsets[i];
    for (let t = 0; t < length; t++) {
      const token = tokens[offsets[i] + t];
      visit(t, state, token);
      state = this.follow(state, token);
    }
    if (finished[i] === 1) visit(length, state, this.machine.vocabularySize);
  }
}
