import { foldText } from '../automata/case-folding.ts';
import { parseRegex } from '../automata/regex/parse.ts';
import type { OccurrenceOptions } from '../automata/occurrence.ts';
import type { MatchOptions } from '../automata/needle.ts';
import { javaScriptRegex } from './javascript-regex.ts';

/** A function of a text's string. */
export type StringFunction = (text: string) => number;

const TOUCHES_BEFORE = /[\p{L}\p{Nd}_'’]$/u;
const TOUCHES_AFTER = /^[\p{L}\p{Nd}_'’]/u;

function standsApart(text: string, start: number, end: number): boolean {
  // Two code units hold any one character.
  return (
    !TOUCHES_BEFORE.test(text.slice(Math.max(0, start - 2), start)) && !TOUCHES_AFTER.test(text.slice(end, end + 2))
  );
}

/** What characters are compared by. Folding keeps every offset: no case class crosses the end of plane 0. */
function prepare(text: string, options: MatchOptions): string {
  return options.ignoreCase ? foldText(text) : text;
}

/**
 * Non-overlapping occurrences from left to right; with `wholeWord` one that touches a letter, digit, underscore or
 * apostrophe is passed over by one character. Neighbours are those of the text itself: a letter may fold to a mark.
 */
export function countIn(needle: string, options: MatchOptions): StringFunction {
  const sought = prepare(needle, options);
  return (text) => {
    const searched = prepare(text, options);
    let count = 0;
    for (let at = searched.indexOf(sought); at !== -1;) {
      const end = at + sought.length;
      const counts = !options.wholeWord || standsApart(text, at, end);
      if (counts) count++;
      at = searched.indexOf(sought, counts ? end : at + 1);
    }
    return count;
  };
}

export function charsIn(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\P{White_Space}+/gu) ?? [];
}

export function wordsIn(text: string): number {
  return wordsOf(text).length;
}

/** Distinct word n-grams over word n-grams; 1 if there are none. */
export function distinctIn(n: number): StringFunction {
  return (text) => {
    const words = wordsOf(text);
    const total = words.length - n + 1;
    if (total < 1) return 1;
    const grams = new Set(Array.from({ length: total }, (_, i) => words.slice(i, i + n).join(' ')));
    return grams.size / total;
  };
}

/** Sum of the weights of the words; `weights` is keyed by `lexiconKey`. */
export function lexiconIn(weights: ReadonlyMap<string, number>): StringFunction {
  return (text) => {
    let sum = 0;
    for (const [word] of text.matchAll(/[\p{L}'’]+/gu)) sum += weights.get(lexiconKey(word)) ?? 0;
    return sum;
  };
}

export function lexiconKey(word: string): string {
  return foldText(word.replaceAll('’', "'"));
}

/** Whether one of `needles` occurs in the place that the options name. */
export function occursIn(needles: readonly string[], options: OccurrenceOptions): StringFunction {
  const sought = needles.map((s) => prepare(s, options));
  return (text) => {
    const searched = prepare(text, options);
    return sought.some((needle) => occursAt(text, searched, needle, options)) ? 1 : 0;
  };
}

function occursAt(text: string, searched: string, needle: string, { place, wholeWord }: OccurrenceOptions): boolean {
  const apart = (at: number) => !wholeWord || standsApart(text, at, at + needle.length);
  if (place === 'start') return searched.startsWith(needle) && apart(0);
  if (place === 'end') return searched.endsWith(needle) && apart(text.length - needle.length);
  for (let at = searched.indexOf(needle); at !== -1; at = searched.indexOf(needle, at + 1)) if (apart(at)) return true;
  return false;
}

/** Whether the whole text (`matches`) or a part of it (`finds`) is in the language of `pattern`. */
export function regexIn(pattern: string, mode: 'matches' | 'finds'): StringFunction {
  const regex = javaScriptRegex(parseRegex(pattern), mode);
  return (text) => (regex.test(text) ? 1 : 0);
}
