import { rangesOf } from './char-set.ts';
import { propertySet } from './unicode.ts';

interface Folding {
  /** Smallest member of the class of each code point that has company; others fold to themselves. */
  readonly least: ReadonlyMap<number, number>;
  readonly members: ReadonlyMap<number, readonly number[]>;
}

let folding: Folding | undefined;

/** Two characters are one under simple case folding exactly if a case-insensitive Unicode back-reference says so. */
const SAME = /^(.)\1$/isu;

/**
 * Classes of simple case folding (CaseFolding.txt, statuses C and S), read off the JavaScript engine: candidates
 * are characters with a common upper or lower case, and its `iu` matching decides. So `K` (Kelvin) is `k` and
 * `ſ` is `s`, while `ß` is not `ss` and neither `İ` nor `ı` is `i`.
 */
function table(): Folding {
  if (folding !== undefined) return folding;
  const candidates = new Map<string, number[]>();
  for (const [lo, hi] of rangesOf(propertySet('Changes_When_Casemapped'))) {
    for (let c = lo; c <= hi; c++) {
      const key = String.fromCodePoint(c).toUpperCase().toLowerCase().toUpperCase();
      const group = candidates.get(key);
      if (group === undefined) candidates.set(key, [c]);
      else group.push(c);
    }
  }
  folding = splitCandidates(candidates.values());
  return folding;
}

function splitCandidates(groups: Iterable<readonly number[]>): Folding {
  const least = new Map<number, number>();
  const members = new Map<number, readonly number[]>();
  for (const group of groups) {
    let rest = group;
    while (rest.length > 0) {
      const head = String.fromCodePoint(rest[0]);
      const same = rest.filter((c) => SAME.test(head + String.fromCodePoint(c)));
      if (same.length > 1) {
        for (const c of same) least.set(c, same[0]);
        members.set(same[0], same);
      }
      rest = rest.filter((c) => !same.includes(c));
    }
  }
  return { least, members };
}

/** The smallest code point that is `codePoint` but for case. */
export function foldCodePoint(codePoint: number): number {
  return table().least.get(codePoint) ?? codePoint;
}

/** All code points that are `codePoint` but for case, itself among them. */
export function foldClass(codePoint: number): readonly number[] {
  const { least, members } = table();
  const head = least.get(codePoint);
  return (head === undefined ? undefined : members.get(head)) ?? [codePoint];
}

/** A text with every character replaced by the representative of its case class: equal exactly where case aside equal. */
export function foldText(text: string): string {
  const { least } = table();
  let folded = '';
  for (const char of text) {
    const c = char.codePointAt(0) ?? 0;
    const head = least.get(c);
    folded += head === undefined ? char : String.fromCodePoint(head);
  }
  return folded;
}
