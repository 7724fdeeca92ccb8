import { MAX_CODE_POINT, type CharSet } from './char-set.ts';

/** A partition of 0 … 0x10FFFF into classes that the sets it was made from do not tell apart. No class is empty. */
export interface Alphabet {
  readonly size: number;
  /** First code point of each interval, ascending from 0; an interval ends before the next one. */
  readonly starts: Int32Array;
  /** Class of each interval. */
  readonly classes: Int32Array;
  /** Class of each code point below 0x10000. */
  readonly bmp: Uint16Array;
}

/** The coarsest partition in which every one of `sets` is a union of classes. */
export function alphabetOf(sets: readonly CharSet[]): Alphabet {
  const bounds = new Set<number>([0]);
  for (const set of sets) {
    for (let i = 0; i < set.length; i += 2) {
      bounds.add(set[i]);
      if (set[i + 1] < MAX_CODE_POINT) bounds.add(set[i + 1] + 1);
    }
  }
  const starts = Int32Array.from(bounds).sort();
  const classes = new Int32Array(starts.length);
  let count = 1;
  for (const set of sets) {
    const inside = new Map<number, number>();
    forIntervals(starts, set, (interval) => {
      let split = inside.get(classes[interval]);
      if (split === undefined) inside.set(classes[interval], (split = count++));
      classes[interval] = split;
    });
  }
  return seal(starts, classes);
}

/** Numbers the classes in order of first appearance, so that equal partitions are equal tables. */
function seal(starts: Int32Array, raw: Int32Array): Alphabet {
  const order = new Map<number, number>();
  const classes = raw.map((c) => {
    let id = order.get(c);
    if (id === undefined) order.set(c, (id = order.size));
    return id;
  });
  const bmp = new Uint16Array(0x10000);
  for (let i = 0; i < starts.length; i++) bmp.fill(classes[i], starts[i], starts[i + 1] ?? 0x10000);
  return { size: order.size, starts, classes, bmp };
}

function intervalOf(starts: Int32Array, codePoint: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= codePoint) low = middle;
    else high = middle - 1;
  }
  return low;
}

function forIntervals(starts: Int32Array, set: CharSet, visit: (interval: number) => void): void {
  for (let i = 0; i < set.length; i += 2) {
    const first = intervalOf(starts, set[i]);
    for (let k = first; k < starts.length && starts[k] <= set[i + 1]; k++) visit(k);
  }
}

export function classOf(alphabet: Alphabet, codePoint: number): number {
  return codePoint < 0x10000 ? alphabet.bmp[codePoint] : alphabet.classes[intervalOf(alphabet.starts, codePoint)];
}

/** Classes that make up `set`, ascending; `set` is one of those the alphabet was made from, or a union of such. */
export function classesIn(alphabet: Alphabet, set: CharSet): Int32Array {
  const found = new Set<number>();
  forIntervals(alphabet.starts, set, (interval) => found.add(alphabet.classes[interval]));
  return Int32Array.from(found).sort();
}

export interface JoinedAlphabet {
  readonly alphabet: Alphabet;
  /** Class of the first (second) alphabet that each joint class lies in. */
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** The coarsest common refinement. */
export function joinAlphabets(a: Alphabet, b: Alphabet): JoinedAlphabet {
  const starts = Int32Array.from(new Set([...a.starts, ...b.starts])).sort();
  const lefts = starts.map((c) => a.classes[intervalOf(a.starts, c)]);
  const rights = starts.map((c) => b.classes[intervalOf(b.starts, c)]);
  const alphabet = seal(
    starts,
    starts.map((_, i) => lefts[i] * b.size + rights[i]),
  );
  const left = new Int32Array(alphabet.size);
  const right = new Int32Array(alphabet.size);
  alphabet.classes.forEach((c, i) => {
    left[c] = lefts[i];
    right[c] = rights[i];
  });
  return { alphabet, left, right };
}

/** A code point of each class, a printable ASCII one where there is one. */
export function representatives(alphabet: Alphabet): Int32Array {
  const found = new Int32Array(alphabet.size).fill(-1);
  const offer = (c: number) => {
    const k = classOf(alphabet, c);
    if (found[k] === -1) found[k] = c;
  };
  for (const [lo, hi] of ['az', 'AZ', '09', ' ~'].map((s) => [s.charCodeAt(0), s.charCodeAt(1)])) {
    for (let c = lo; c <= hi; c++) offer(c);
  }
  alphabet.starts.forEach(offer);
  return found;
}
