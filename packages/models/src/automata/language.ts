import { joinAlphabets, representatives, type Alphabet } from './alphabet.ts';
import { reachable, minimiseText } from './minimise-text.ts';
import { TEXT_STATE_BUDGET, tooManyStates, type Refusal, type TextMachine } from './text-machine.ts';

/** The event machine of all texts (`true`) or of none. */
export function constantLanguage(alphabet: Alphabet, value: boolean): TextMachine {
  const final = Float64Array.of(value ? 1 : 0);
  return { alphabet, states: 1, start: 0, next: new Int32Array(alphabet.size), output: undefined, final, divisor: 1 };
}

export function complementLanguage(machine: TextMachine): TextMachine {
  return { ...machine, final: machine.final.map((f) => 1 - f) };
}

export type Combine = (left: boolean, right: boolean) => boolean;

/** The minimal machine of a Boolean combination of two languages; only pairs that can be reached are built. */
export function combineLanguages(
  a: TextMachine,
  b: TextMachine,
  combine: Combine,
  budget = TEXT_STATE_BUDGET,
): TextMachine | Refusal {
  const { alphabet, left, right } = joinAlphabets(a.alphabet, b.alphabet);
  const ids = new Map<number, number>();
  const pairs: number[] = [];
  const idOf = (s: number, t: number) => {
    const key = s * b.states + t;
    let id = ids.get(key);
    if (id === undefined) ids.set(key, (id = pairs.push(key) - 1));
    return id;
  };
  idOf(a.start, b.start);
  const next: number[] = [];
  for (let i = 0; i < pairs.length; i++) {
    if (pairs.length > budget) return tooManyStates(budget);
    const t = pairs[i] % b.states;
    const s = (pairs[i] - t) / b.states;
    for (let c = 0; c < alphabet.size; c++) {
      next.push(idOf(a.next[s * a.alphabet.size + left[c]], b.next[t * b.alphabet.size + right[c]]));
    }
  }
  const final = Float64Array.from(pairs, (key) => {
    const t = key % b.states;
    return combine(a.final[(key - t) / b.states] === 1, b.final[t] === 1) ? 1 : 0;
  });
  const table = Int32Array.from(next);
  return minimiseText({ alphabet, states: pairs.length, start: 0, next: table, output: undefined, final, divisor: 1 });
}

export function intersectLanguages(a: TextMachine, b: TextMachine): TextMachine | Refusal {
  return combineLanguages(a, b, (x, y) => x && y);
}

export function uniteLanguages(a: TextMachine, b: TextMachine): TextMachine | Refusal {
  return combineLanguages(a, b, (x, y) => x || y);
}

export function subtractLanguages(a: TextMachine, b: TextMachine): TextMachine | Refusal {
  return combineLanguages(a, b, (x, y) => x && !y);
}

export function isEmptyLanguage(machine: TextMachine): boolean {
  return reachable(machine).final.every((f) => f === 0);
}

export function isUniversalLanguage(machine: TextMachine): boolean {
  return reachable(machine).final.every((f) => f === 1);
}

/** A shortest text of the language, in code points; `undefined` where it is empty. */
export function shortestMember(machine: TextMachine): string | undefined {
  const width = machine.alphabet.size;
  const from = new Map<number, readonly [state: number, letter: number]>();
  const queue = [machine.start];
  const seen = new Set(queue);
  for (const s of queue) {
    if (machine.final[s] === 1) return spell(machine, from, s);
    for (let c = 0; c < width; c++) {
      const to = machine.next[s * width + c];
      if (seen.has(to)) continue;
      seen.add(to);
      from.set(to, [s, c]);
      queue.push(to);
    }
  }
  return undefined;
}

function spell(machine: TextMachine, from: ReadonlyMap<number, readonly [number, number]>, end: number): string {
  const letters = representatives(machine.alphabet);
  const codePoints: number[] = [];
  for (let step = from.get(end); step !== undefined; step = from.get(step[0])) codePoints.push(letters[step[1]]);
  return codePoints
    .reverse()
    .map((c) => String.fromCodePoint(c))
    .join('');
}
