import { alphabetOf, classesIn } from './alphabet.ts';
import { needles, type MatchOptions, type Needles } from './needle.ts';
import { tooManyStates, type Refusal, type TextMachine } from './text-machine.ts';
import { propertySet } from './unicode.ts';

/** The score `chars`: every code point counts one. */
export function charsMachine(): TextMachine {
  const alphabet = alphabetOf([]);
  return {
    alphabet,
    states: 1,
    start: 0,
    next: new Int32Array(1),
    output: Float64Array.of(1),
    final: new Float64Array(1),
    divisor: 1,
  };
}

/** The score `words`: maximal runs of characters that are not white space. State 1 is inside a run. */
export function wordsMachine(): TextMachine {
  const space = propertySet('White_Space');
  const alphabet = alphabetOf([space]);
  const spaces = new Set(classesIn(alphabet, space));
  const next = new Int32Array(2 * alphabet.size);
  const output = new Float64Array(2 * alphabet.size);
  for (let c = 0; c < alphabet.size; c++) {
    if (spaces.has(c)) continue;
    next[c] = next[alphabet.size + c] = 1;
    output[c] = 1;
  }
  return { alphabet, states: 2, start: 0, next, output, final: new Float64Array(2), divisor: 1 };
}

/** What the scan knows: is the last character one that a whole word may not touch, and how far have its matches come. */
interface Scan {
  readonly touching: boolean;
  /** Numbers of characters matched by the occurrences under way, ascending. */
  readonly progress: readonly number[];
}

const COUNT_STATE_BUDGET = 5_000;

/**
 * The score `count`: occurrences of `needle` from left to right, none overlapping one that was counted. With
 * `wholeWord` an occurrence that touches a letter, digit, underscore or apostrophe is passed over by one character;
 * one that is complete counts when the next character shows that it stands apart, or at the end of the text.
 */
export function countMachine(needle: string, options: MatchOptions): TextMachine | Refusal {
  const spelling = needles([needle], options);
  const width = spelling.alphabet.size;
  const touching = new Set(spelling.touching);
  const matches = matchTable(spelling);
  const size = spelling.spelled[0].length;
  const states: Scan[] = [];
  const ids = new Map<string, number>();
  const idOf = (scan: Scan) => {
    const key = `${scan.touching ? 'w' : ''}${scan.progress.join()}`;
    let id = ids.get(key);
    if (id === undefined) ids.set(key, (id = states.push(scan) - 1));
    return id;
  };
  idOf({ touching: false, progress: [] });
  const next: number[] = [];
  const output: number[] = [];
  for (let s = 0; s < states.length; s++) {
    if (states.length > COUNT_STATE_BUDGET) return tooManyStates(COUNT_STATE_BUDGET);
    for (let c = 0; c < width; c++) {
      const step = advance(states[s], (at) => matches[at * width + c] === 1, touching.has(c), size, options.wholeWord);
      next.push(idOf(step.scan));
      output.push(step.counted ? 1 : 0);
    }
  }
  const final = Float64Array.from(states, (scan) => (scan.progress.includes(size) ? 1 : 0));
  return {
    alphabet: spelling.alphabet,
    states: states.length,
    start: 0,
    next: Int32Array.from(next),
    output: Float64Array.from(output),
    final,
    divisor: 1,
  };
}

/** Whether the needle's character at each place is spelled by each class. */
function matchTable(spelling: Needles): Uint8Array {
  const [needle] = spelling.spelled;
  const table = new Uint8Array(needle.length * spelling.alphabet.size);
  needle.forEach((symbol, at) => {
    for (const c of spelling.classesOf.get(symbol) ?? []) table[at * spelling.alphabet.size + c] = 1;
  });
  return table;
}

function advance(
  scan: Scan,
  matchesAt: (place: number) => boolean,
  touches: boolean,
  size: number,
  wholeWord: boolean,
): { readonly scan: Scan; readonly counted: boolean } {
  const counted = wholeWord && !touches && scan.progress.includes(size);
  const open = counted ? [] : scan.progress.filter((k) => k < size);
  if (!scan.touching) open.unshift(0);
  const progress = open.filter(matchesAt).map((k) => k + 1);
  if (!wholeWord && progress.includes(size)) return { scan: { touching: false, progress: [] }, counted: true };
  return { scan: { touching: touches, progress }, counted };
}
