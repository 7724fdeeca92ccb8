import { alphabetOf, classesIn, type Alphabet } from './alphabet.ts';
import { charSetOf, codePointsOf, complementSet, type CharSet } from './char-set.ts';
import { foldClass, foldCodePoint } from './case-folding.ts';
import { wordTouchSet } from './unicode.ts';

export interface MatchOptions {
  readonly wholeWord: boolean;
  readonly ignoreCase: boolean;
}

/** Strings to look for, spelled in symbols: characters that are one where case is ignored are one symbol. */
export interface Needles {
  readonly alphabet: Alphabet;
  /** Symbols of each needle. */
  readonly spelled: readonly (readonly number[])[];
  /** Classes that spell each symbol. */
  readonly classesOf: ReadonlyMap<number, Int32Array>;
  /** Classes of characters that a whole word may not touch, and of all others. */
  readonly touching: Int32Array;
  readonly apart: Int32Array;
}

export function needles(strings: readonly string[], options: MatchOptions): Needles {
  const fold = options.ignoreCase ? foldCodePoint : (c: number) => c;
  const spelled = strings.map((s) => codePointsOf(s).map(fold));
  const sets = new Map<number, CharSet>();
  for (const word of spelled) {
    for (const symbol of word) {
      if (!sets.has(symbol)) sets.set(symbol, charSetOf(options.ignoreCase ? foldClass(symbol) : [symbol]));
    }
  }
  const touch = options.wholeWord ? wordTouchSet() : [];
  const alphabet = alphabetOf([...sets.values(), touch]);
  const classesOf = new Map(Array.from(sets, ([symbol, set]) => [symbol, classesIn(alphabet, set)] as const));
  return {
    alphabet,
    spelled,
    classesOf,
    touching: classesIn(alphabet, touch),
    apart: classesIn(alphabet, complementSet(touch)),
  };
}
