/**
 * A set of code points: inclusive bounds `lo₀, hi₀, lo₁, hi₁, …`, ascending, disjoint and not adjacent,
 * so that equal sets are equal arrays.
 */
export type CharSet = readonly number[];

export const MAX_CODE_POINT = 0x10ffff;

/** The canonical set of any list of inclusive ranges. */
export function charSet(ranges: readonly (readonly [lo: number, hi: number])[]): CharSet {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const set: number[] = [];
  for (const [lo, hi] of sorted) {
    const last = set.length - 1;
    if (last > 0 && lo <= set[last] + 1) set[last] = Math.max(set[last], hi);
    else set.push(lo, hi);
  }
  return set;
}

export function charSetOf(codePoints: Iterable<number>): CharSet {
  return charSet([...codePoints].map((c) => [c, c] as const));
}

export function unionSets(...sets: readonly CharSet[]): CharSet {
  return charSet(sets.flatMap(rangesOf));
}

export function complementSet(set: CharSet): CharSet {
  const out: number[] = [];
  let from = 0;
  for (let i = 0; i < set.length; i += 2) {
    if (set[i] > from) out.push(from, set[i] - 1);
    from = set[i + 1] + 1;
  }
  if (from <= MAX_CODE_POINT) out.push(from, MAX_CODE_POINT);
  return out;
}

export function intersectSets(a: CharSet, b: CharSet): CharSet {
  return complementSet(unionSets(complementSet(a), complementSet(b)));
}

export function setHas(set: CharSet, codePoint: number): boolean {
  let low = 0;
  let high = set.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (set[2 * middle + 1] < codePoint) low = middle + 1;
    else high = middle;
  }
  return 2 * low < set.length && set[2 * low] <= codePoint;
}

export function rangesOf(set: CharSet): (readonly [lo: number, hi: number])[] {
  return Array.from({ length: set.length / 2 }, (_, i) => [set[2 * i], set[2 * i + 1]] as const);
}

/** The code points of a string. A lone surrogate is a code point of its own. */
export function codePointsOf(text: string): number[] {
  return Array.from(text, (c) => c.codePointAt(0) ?? 0);
}
