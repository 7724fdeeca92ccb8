import { charSet, charSetOf, unionSets, type CharSet } from './char-set.ts';

const SURROGATES = [0xd800, 0xdfff] as const;
/** Assigned characters live in planes 0–3 and 14; in the others a property can differ only at the two last code points. */
const DENSE: readonly (readonly [number, number])[] = [
  [0, 0xd7ff],
  [0xe000, 0x3ffff],
  [0xe0000, 0xeffff],
];
const SPARSE_PLANES = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16];

interface Stretch {
  readonly lo: number;
  readonly text: string;
}

let stretches: readonly Stretch[] | undefined;

function denseStretches(): readonly Stretch[] {
  return (stretches ??= DENSE.map(([lo, hi]) => {
    const parts: string[] = [];
    for (let from = lo; from <= hi; from += 4096) {
      const length = Math.min(4096, hi - from + 1);
      parts.push(String.fromCodePoint(...Array.from({ length }, (_, i) => from + i)));
    }
    return { lo, text: parts.join('') };
  }));
}

/** Code point at UTF-16 offset `index` of a stretch of consecutive code points. */
function codePointAtOffset(lo: number, index: number): number {
  const inPlane0 = Math.max(0, Math.min(index, 0x10000 - lo));
  return lo + inPlane0 + (index - inPlane0) / 2;
}

const properties = new Map<string, CharSet>();

/**
 * The code points of a Unicode property, as the JavaScript engine knows it: `L`, `Script=Greek`, `White_Space`, …
 * Throws a `SyntaxError` where the engine knows no such property. About 5 ms the first time, then cached.
 */
export function propertySet(property: string): CharSet {
  const known = properties.get(property);
  if (known !== undefined) return known;
  const set = enumerateSet(`\\p{${property}}`);
  properties.set(property, set);
  return set;
}

function enumerateSet(source: string): CharSet {
  const one = new RegExp(`^${source}$`, 'u');
  const has = (codePoint: number) => one.test(String.fromCodePoint(codePoint));
  const ranges: (readonly [number, number])[] = [];
  for (const { lo, text } of denseStretches()) {
    for (const run of text.matchAll(new RegExp(`${source}+`, 'gu'))) {
      const end = run.index + run[0].length;
      ranges.push([codePointAtOffset(lo, run.index), codePointAtOffset(lo, end) - 1]);
    }
  }
  if (has(SURROGATES[0])) ranges.push(SURROGATES);
  for (const plane of SPARSE_PLANES) {
    const base = plane << 16;
    if (has(base)) ranges.push([base, base + 0xfffd]);
    for (const last of [base + 0xfffe, base + 0xffff]) if (has(last)) ranges.push([last, last]);
  }
  return charSet(ranges);
}

/** What a `whole_word` match may not touch: Unicode letters, decimal digits, the underscore and apostrophes. */
export function wordTouchSet(): CharSet {
  return unionSets(propertySet('L'), propertySet('Nd'), charSetOf([0x5f, 0x27, 0x2019]));
}

/** What a word of a lexicon consists of: Unicode letters and apostrophes. */
export function lexiconWordSet(): CharSet {
  return unionSets(propertySet('L'), charSetOf([0x27, 0x2019]));
}
