import { isRefusal, type Refusal, type TextMachine } from '../../src/automata/text-machine.ts';
import { classOf } from '../../src/automata/alphabet.ts';
import { codePointsOf } from '../../src/automata/char-set.ts';
import type { TokenMachine } from '../../src/port/token-machine.ts';

export function built<T extends object>(outcome: T | Refusal): T {
  if (isRefusal(outcome)) throw new Error(outcome.reason);
  return outcome;
}

/** The value of a text by a machine over code points, in the machine's unit. */
export function evaluate(machine: TextMachine, text: string): number {
  let [state, sum] = [machine.start, 0];
  for (const c of codePointsOf(text)) {
    const cell = state * machine.alphabet.size + classOf(machine.alphabet, c);
    sum += machine.output?.[cell] ?? 0;
    state = machine.next[cell];
  }
  return (sum + machine.final[state]) / machine.divisor;
}

interface Table {
  readonly states: number;
  readonly width: number;
  readonly next: Int32Array;
  readonly labels: readonly string[];
}

/** Pairs of states that no continuation tells apart, by filling the table of distinguishable pairs (Moore's definition). */
function equivalentPairs({ states, width, next, labels }: Table): number {
  const apart = Array.from({ length: states }, (_, i) => labels.map((l) => l !== labels[i]));
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 0; i < states; i++) {
      for (let j = 0; j < i; j++) {
        if (apart[i][j]) continue;
        for (let c = 0; c < width; c++) {
          if (!apart[next[i * width + c]][next[j * width + c]]) continue;
          apart[i][j] = apart[j][i] = changed = true;
          break;
        }
      }
    }
  }
  return apart.flatMap((row, i) => row.filter((a, j) => j < i && !a)).length;
}

function unreached({ states, width, next }: Table, start: number): number {
  const seen = new Set([start]);
  for (const s of seen) for (let c = 0; c < width; c++) seen.add(next[s * width + c]);
  return states - seen.size;
}

/** States too many: those that cannot be reached and pairs that are alike. 0 is minimal (Myhill–Nerode). */
export function superfluousText(machine: TextMachine): number {
  const table = {
    states: machine.states,
    width: machine.alphabet.size,
    next: machine.next,
    labels: Array.from(machine.final, String),
  };
  return equivalentPairs(table) + unreached(table, machine.start);
}

/** The same over tokens; classes that all states treat alike count too. */
export function superfluousTokens(machine: TokenMachine): number {
  const { states, classes, next, output } = machine;
  const outputs = (s: number) => (output === undefined ? '' : output.slice(s * classes, (s + 1) * classes).join());
  const labels = Array.from(machine.finalEnd, (f, s) => `${f} ${machine.finalStop[s]} ${outputs(s)}`);
  const table = { states, width: classes, next, labels };
  const columns = Array.from({ length: classes }, (_, c) =>
    Array.from({ length: states }, (_, s) => `${next[s * classes + c]} ${output?.[s * classes + c] ?? 0}`).join(),
  );
  return equivalentPairs(table) + unreached(table, machine.start) + (classes - new Set(columns).size);
}
