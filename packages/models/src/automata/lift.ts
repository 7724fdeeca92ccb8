import type { TokenMachine } from '../port/token-machine.ts';
import type { Vocabulary } from '../port/vocabulary.ts';
import { byteMachine } from './byte-machine.ts';
import { canonicalTokenMachine } from './canonical.ts';
import { indexValues, onePartition, splitByValue } from './refine.ts';
import type { SpelledTokens, SymbolMachine } from './symbol-machine.ts';
import { isRefusal, type Refusal, type TextMachine } from './text-machine.ts';
import { spelledInBytes, spelledInCharacters } from './vocabulary-codes.ts';

/** Greatest number of entries of the table rows × tokens, and of states of the machine over tokens. */
const CELL_BUDGET = 16_000_000;
const TOKEN_STATE_BUDGET = 20_000;

/** What reading each token does from one state of the machine. */
interface Row {
  /** State over tokens that each token leads to. */
  readonly next: Int32Array;
  /** Increment of the pushed weight, in units; absent for events. */
  readonly output: Float64Array | undefined;
}

/** States over tokens: which row they read by, and what the separator in front of the next token adds. */
interface TokenStates {
  readonly row: number[];
  readonly lead: number[];
  readonly residue: number[];
}

/**
 * A machine over code points as one over the tokens of `vocabulary`, in canonical form: the separator is read in
 * front of every token but the first. Where tokens are bytes, a character may span several of them: the machine is turned into one over
 * bytes first. Rows are made only for the states that a token is really read from.
 *
 * Scores are pushed by their final weight d (Mohri 2009, §5): out′(s, v) = out + d(s′) − d(s), which leaves
 * one constant in the finals and makes equal increments equal numbers. Events stay without outputs.
 */
export function liftMachine(machine: TextMachine, vocabulary: Vocabulary): TokenMachine | Refusal {
  if (vocabulary.bytes === undefined) {
    return liftSymbols({ ...machine, width: machine.alphabet.size }, spelledInCharacters(vocabulary, machine.alphabet));
  }
  const bytes = byteMachine(machine);
  return isRefusal(bytes) ? bytes : liftSymbols(bytes, spelledInBytes(vocabulary.bytes, bytes.classOf));
}

function liftSymbols(machine: SymbolMachine, tokens: SpelledTokens): TokenMachine | Refusal {
  const lifting = new Lifting(machine, tokens);
  const size = tokens.offsets.length - 1;
  for (let r = 0; r < lifting.rowStates.length; r++) {
    if ((r + 1) * size > CELL_BUDGET || lifting.states.row.length > TOKEN_STATE_BUDGET) {
      return {
        reason:
          `its automaton over ${size} tokens needs more than ` +
          `${Math.min(TOKEN_STATE_BUDGET, Math.floor(CELL_BUDGET / size))} states`,
      };
    }
    lifting.fillRow(r);
  }
  return canonicalTokenMachine(lifting.assemble());
}

class Lifting {
  readonly rowStates: number[] = [];
  readonly states: TokenStates = { row: [], lead: [], residue: [] };
  readonly #machine: SymbolMachine;
  readonly #size: number;
  readonly #offsets: Int32Array;
  readonly #symbols: Uint16Array;
  readonly #separator: readonly number[];
  readonly #rows: Row[] = [];
  readonly #rowOf: Int32Array;
  /** State over tokens of each state of the text machine, where a token ends; −1 while unknown. */
  readonly #stateOf: Int32Array;
  readonly #byKey = new Map<string, number>();
  readonly #pushes: boolean;
  #firstRun: TokenRun | undefined;

  constructor(machine: SymbolMachine, { symbols, offsets, separator }: SpelledTokens) {
    this.#machine = machine;
    this.#size = offsets.length - 1;
    this.#offsets = offsets;
    this.#symbols = symbols;
    this.#separator = separator;
    this.#rowOf = new Int32Array(machine.states).fill(-1);
    this.#stateOf = new Int32Array(machine.states).fill(-1);
    this.#pushes = machine.output !== undefined;
    this.#newState(machine.start, 0 - this.#potential(machine.start), this.#residue(machine.start));
  }

  #potential(state: number): number {
    const d = this.#machine.final[state];
    return this.#pushes && Number.isFinite(d) ? d : 0;
  }

  #residue(state: number): number {
    return this.#machine.final[state] - this.#potential(state);
  }

  #newState(reads: number, lead: number, residue: number): number {
    if (this.#rowOf[reads] === -1) this.#rowOf[reads] = this.rowStates.push(reads) - 1;
    this.states.row.push(this.#rowOf[reads]);
    this.states.lead.push(lead);
    return this.states.residue.push(residue) - 1;
  }

  /** The state over tokens where a token ends in `end`. */
  #afterToken(end: number): number {
    const { next, output, width } = this.#machine;
    let reads = end;
    let lead = -this.#potential(end);
    for (const c of this.#separator) {
      if (output !== undefined) lead += output[reads * width + c];
      reads = next[reads * width + c];
    }
    const residue = this.#residue(end);
    const key = `${reads} ${lead + 0} ${residue}`;
    let id = this.#byKey.get(key);
    if (id === undefined) this.#byKey.set(key, (id = this.#newState(reads, lead, residue)));
    return id;
  }

  fillRow(r: number): void {
    const run = runTokens(this.#machine, this.#symbols, this.#offsets, this.rowStates[r], this.#firstRun);
    this.#firstRun ??= run;
    const stateOf = this.#stateOf;
    const next = new Int32Array(this.#size);
    const output = run.sums === undefined ? undefined : new Float64Array(this.#size);
    for (let v = 0; v < next.length; v++) {
      const end = run.ends[v];
      if (stateOf[end] === -1) stateOf[end] = this.#afterToken(end);
      next[v] = stateOf[end];
      if (output !== undefined && run.sums !== undefined) output[v] = run.sums[v] + this.#potential(end);
    }
    this.#rows.push({ next, output });
  }

  /** Tokens that no row tells apart become one class. */
  assemble(): TokenMachine {
    const states = this.states.row.length;
    let columns = onePartition(this.#size);
    for (const row of this.#rows) {
      for (const values of row.output === undefined ? [row.next] : [row.next, row.output]) {
        const { index, count } = indexValues(values);
        if (count > 1) columns = splitByValue(columns, index, count);
      }
    }
    const sample = new Int32Array(columns.blocks);
    columns.blockOf.forEach((c, v) => (sample[c] = v));
    const classes = columns.blocks;
    const next = new Int32Array(states * classes);
    const output = this.#pushes ? new Float64Array(states * classes) : undefined;
    for (let s = 0; s < states; s++) {
      const row = this.#rows[this.states.row[s]];
      for (let c = 0; c < classes; c++) {
        next[s * classes + c] = row.next[sample[c]];
        if (output !== undefined && row.output !== undefined) {
          output[s * classes + c] = (this.states.lead[s] + row.output[sample[c]]) / this.#machine.divisor;
        }
      }
    }
    const base = this.#potential(this.#machine.start);
    const final = Float64Array.from(this.states.residue, (d) => (base + d) / this.#machine.divisor);
    const common = { vocabularySize: this.#size, states, start: 0, classes, classOf: columns.blockOf };
    return { ...common, next, output, finalEnd: final, finalStop: final };
  }
}

/** Where each token leads from a state of the text machine, and what it adds. */
interface TokenRun {
  readonly from: number;
  readonly ends: Int32Array;
  readonly sums: Float64Array | undefined;
}

/**
 * Reads every token from state `from`. A token whose first symbol does the same as in an earlier run is not read
 * again: most states of a large automaton differ from its start in few symbols.
 */
function runTokens(
  { next: step, output: weights, width }: SymbolMachine,
  symbols: Uint16Array,
  offsets: Int32Array,
  from: number,
  earlier: TokenRun | undefined,
): TokenRun {
  const ends = new Int32Array(offsets.length - 1);
  const sums = weights === undefined ? undefined : new Float64Array(ends.length);
  const alike = new Uint8Array(width);
  for (let c = 0; c < width && earlier !== undefined; c++) {
    const here = from * width + c;
    const there = earlier.from * width + c;
    alike[c] = step[here] === step[there] && weights?.[here] === weights?.[there] ? 1 : 0;
  }
  for (let v = 0; v < ends.length; v++) {
    const start = offsets[v];
    const stop = offsets[v + 1];
    if (earlier !== undefined && start < stop && alike[symbols[start]] === 1) {
      ends[v] = earlier.ends[v];
      if (sums !== undefined) sums[v] = earlier.sums?.[v] ?? 0;
      continue;
    }
    let state = from;
    let sum = 0;
    for (let i = start; i < stop; i++) {
      const cell = state * width + symbols[i];
      if (weights !== undefined) sum += weights[cell];
      state = step[cell];
    }
    ends[v] = state;
    if (sums !== undefined) sums[v] = sum;
  }
  return { from, ends, sums };
}
