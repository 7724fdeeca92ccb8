import { alphabetOf, classesIn } from '../alphabet.ts';
import { determinise, type NfaEdge } from '../subset.ts';
import type { CharSet } from '../char-set.ts';
import { TEXT_STATE_BUDGET, type Refusal, type TextMachine } from '../text-machine.ts';
import type { Regex } from './syntax.ts';

/** States with empty moves; a state that reads a character has a set and one target (Thompson 1968). */
interface Moves {
  readonly empty: number[][];
  /** Moves that are empty at the start (end) of the text only. */
  readonly atStart: number[][];
  readonly atEnd: number[][];
  readonly reads: ({ readonly set: CharSet; readonly to: number } | undefined)[];
}

const NFA_STATE_BUDGET = 20_000;

/** The event that the whole text (`matches`) or some part of it (`finds`) is in the language of `regex`. */
export function regexMachine(
  regex: Regex,
  mode: 'matches' | 'finds',
  budget = TEXT_STATE_BUDGET,
): TextMachine | Refusal {
  const moves: Moves = { empty: [], atStart: [], atEnd: [], reads: [] };
  const start = newState(moves);
  const end = build(moves, regex, start);
  if (end === undefined) return { reason: `it unrolls to more than ${NFA_STATE_BUDGET} states` };
  const count = moves.empty.length;
  // The states behind the end: something was found, and: found if the text ends here.
  const [accepted, acceptedAtEnd, scan] = [count, count + 1, count + 2];
  const closure = (from: number, first: boolean) => closureOf(moves, from, end, first);
  const sets = new Set(moves.reads.flatMap((r) => (r === undefined ? [] : [r.set])));
  const alphabet = alphabetOf([...sets]);
  const classes = new Map(Array.from(sets, (set) => [set, classesIn(alphabet, set)] as const));
  const edges: NfaEdge[][] = moves.reads.map((r) =>
    r === undefined ? [] : [{ classes: classes.get(r.set) ?? [], targets: closure(r.to, false) }],
  );
  const all = Array.from({ length: alphabet.size }, (_, c) => c);
  edges.push([], [], [{ classes: all, targets: [scan, ...closure(start, false)] }]);
  const finds = mode === 'finds';
  const initial = closure(start, true);
  if (finds) initial.push(scan);
  const accepting = new Set([accepted, acceptedAtEnd]);
  return determinise({ alphabet, initial, accepting, sink: finds ? accepted : -1, edges }, budget);
}

function newState(moves: Moves): number {
  moves.reads.push(undefined);
  moves.atStart.push([]);
  moves.atEnd.push([]);
  return moves.empty.push([]) - 1;
}

/** Adds `regex` behind state `from`; the state behind it, or `undefined` where it grows too large. */
function build(moves: Moves, regex: Regex, from: number): number | undefined {
  if (moves.empty.length > NFA_STATE_BUDGET) return undefined;
  switch (regex.kind) {
    case 'set': {
      const [read, to] = [newState(moves), newState(moves)];
      moves.empty[from].push(read);
      moves.reads[read] = { set: regex.set, to };
      return to;
    }
    case 'start':
    case 'end': {
      const to = newState(moves);
      (regex.kind === 'start' ? moves.atStart : moves.atEnd)[from].push(to);
      return to;
    }
    case 'sequence':
      return regex.items.reduce<number | undefined>((at, item) => at && build(moves, item, at), shield(moves, from));
    case 'either':
      return buildEither(moves, regex.options, from);
    case 'repeat':
      return buildRepeat(moves, regex, from);
    default:
      return regex satisfies never;
  }
}

/** A fresh state behind `from`, never 0: so that a loop back to it repeats nothing else. */
function shield(moves: Moves, from: number): number {
  const to = newState(moves);
  moves.empty[from].push(to);
  return to;
}

function buildEither(moves: Moves, options: readonly Regex[], from: number): number | undefined {
  const to = newState(moves);
  for (const option of options) {
    const end = build(moves, option, shield(moves, from));
    if (end === undefined) return undefined;
    moves.empty[end].push(to);
  }
  return to;
}

function buildRepeat(moves: Moves, { of, min, max }: Regex & { kind: 'repeat' }, from: number): number | undefined {
  let at: number | undefined = shield(moves, from);
  for (let i = 0; i < min && at !== undefined; i++) at = build(moves, of, at);
  if (at === undefined) return undefined;
  const to = newState(moves);
  if (max === Infinity) {
    const loop = shield(moves, at);
    const end = build(moves, of, loop);
    if (end === undefined) return undefined;
    moves.empty[end].push(loop);
    moves.empty[loop].push(to);
    return to;
  }
  for (let i = min; i < max; i++) {
    moves.empty[at].push(to);
    at = build(moves, of, at);
    if (at === undefined) return undefined;
  }
  moves.empty[at].push(to);
  return to;
}

/**
 * The reading states, and the two accepting ones, that empty moves lead to. Behind a `$` nothing can be read:
 * what is found there holds if the text ends.
 */
function closureOf(moves: Moves, from: number, end: number, first: boolean): number[] {
  const found: number[] = [];
  const seen = [new Set([from]), new Set<number>()];
  const stack: (readonly [state: number, ended: 0 | 1])[] = [[from, 0]];
  const visit = (state: number, ended: 0 | 1) => {
    if (seen[ended].has(state)) return;
    seen[ended].add(state);
    stack.push([state, ended]);
  };
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [state, ended] = top;
    if (state === end) found.push(moves.empty.length + ended);
    else if (moves.reads[state] !== undefined && ended === 0) found.push(state);
    for (const to of moves.empty[state]) visit(to, ended);
    if (first) for (const to of moves.atStart[state]) visit(to, ended);
    for (const to of moves.atEnd[state]) visit(to, 1);
  }
  return found;
}
