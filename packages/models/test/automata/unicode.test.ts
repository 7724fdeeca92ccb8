import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alphabetOf, classesIn, classOf, joinAlphabets, representatives } from '../../src/automata/alphabet.ts';
import { foldClass, foldCodePoint, foldText } from '../../src/automata/case-folding.ts';
import {
  charSet,
  complementSet,
  intersectSets,
  MAX_CODE_POINT,
  rangesOf,
  setHas,
  unionSets,
} from '../../src/automata/char-set.ts';
import { propertySet } from '../../src/automata/unicode.ts';

const codePoint = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: MAX_CODE_POINT }),
  fc.constantFrom(0xd7ff, 0xd800, 0xdfff, 0xe000, 0xfffe, 0xffff, 0x10000, MAX_CODE_POINT),
);
const set = fc
  .array(fc.tuple(codePoint, codePoint), { maxLength: 6 })
  .map((pairs) => charSet(pairs.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)));

describe('sets of code points', () => {
  it('obey the laws of sets, point by point', () => {
    fc.assert(
      fc.property(set, set, codePoint, (a, b, c) => {
        expect(setHas(complementSet(a), c)).toBe(!setHas(a, c));
        expect(setHas(unionSets(a, b), c)).toBe(setHas(a, c) || setHas(b, c));
        expect(setHas(intersectSets(a, b), c)).toBe(setHas(a, c) && setHas(b, c));
        expect(complementSet(complementSet(a))).toEqual(a);
      }),
    );
  });
});

describe('alphabets', () => {
  it('put two code points into one class exactly if no set tells them apart', () => {
    fc.assert(
      fc.property(fc.array(set, { maxLength: 5 }), codePoint, codePoint, (sets, c, d) => {
        const alphabet = alphabetOf(sets);
        const alike = sets.every((s) => setHas(s, c) === setHas(s, d));
        expect(classOf(alphabet, c) === classOf(alphabet, d)).toBe(alike);
        for (const s of sets) expect(classesIn(alphabet, s).includes(classOf(alphabet, c))).toBe(setHas(s, c));
        representatives(alphabet).forEach((r, k) => expect(classOf(alphabet, r)).toBe(k));
      }),
    );
  });

  it('join to their common refinement', () => {
    fc.assert(
      fc.property(fc.array(set, { maxLength: 3 }), fc.array(set, { maxLength: 3 }), codePoint, (as, bs, c) => {
        const [a, b] = [alphabetOf(as), alphabetOf(bs)];
        const { alphabet, left, right } = joinAlphabets(a, b);
        expect(left[classOf(alphabet, c)]).toBe(classOf(a, c));
        expect(right[classOf(alphabet, c)]).toBe(classOf(b, c));
        expect(alphabet.size).toBe(alphabetOf([...as, ...bs]).size);
      }),
    );
  });
});

describe('Unicode properties', () => {
  const properties = [
    'L',
    'Nd',
    'Lu',
    'Script=Greek',
    'White_Space',
    'Cn',
    'Cs',
    'Co',
    'Any',
    'Emoji',
    'Assigned',
    'Han',
  ];
  it.each(properties.map((p) => (p === 'Han' ? 'Script=Han' : p)))(
    '\\p{%s} is what the engine says, code point by code point',
    (property) => {
      const test = new RegExp(`^\\p{${property}}$`, 'u');
      const found = propertySet(property);
      let wrong = 0;
      // Every 7th code point, and both sides of every bound.
      for (let c = 0; c <= MAX_CODE_POINT; c += 7) if (test.test(String.fromCodePoint(c)) !== setHas(found, c)) wrong++;
      for (const [lo, hi] of rangesOf(found)) {
        if (!test.test(String.fromCodePoint(lo)) || !test.test(String.fromCodePoint(hi))) wrong++;
        if (lo > 0 && test.test(String.fromCodePoint(lo - 1))) wrong++;
        if (hi < MAX_CODE_POINT && test.test(String.fromCodePoint(hi + 1))) wrong++;
      }
      expect(wrong).toBe(0);
    },
  );
});

describe('simple case folding', () => {
  it('joins exactly what a case-insensitive Unicode expression joins', () => {
    const cased = rangesOf(propertySet('Changes_When_Casemapped')).flatMap(([lo, hi]) =>
      Array.from({ length: hi - lo + 1 }, (_, i) => lo + i),
    );
    const all = cased.map((c) => String.fromCodePoint(c)).join('');
    const wrong = cased.filter((c) => {
      const found = all.match(new RegExp(`\\u{${c.toString(16)}}`, 'giu')) ?? [];
      return (
        found.join() !==
        foldClass(c)
          .map((m) => String.fromCodePoint(m))
          .join()
      );
    });
    expect(wrong).toEqual([]);
  });

  it('knows the famous cases', () => {
    const same = (a: string, b: string) => foldText(a) === foldText(b);
    expect(same('K', 'k')).toBe(true);
    expect(same('ſ', 'S')).toBe(true);
    expect(same('ẞ', 'ß')).toBe(true);
    expect(same('Σίσυφος', 'ΣΊΣΥΦΟΣ')).toBe(true);
    expect(same('ß', 'ss')).toBe(false);
    expect(same('İ', 'i')).toBe(false);
    expect(same('ı', 'I')).toBe(false);
    expect(same('𐐀', '𐐨')).toBe(true);
  });

  it('never changes the length of a text, nor joins anything across planes', () => {
    for (const [lo, hi] of rangesOf(propertySet('Changes_When_Casemapped'))) {
      for (let c = lo; c <= hi; c++) expect(foldCodePoint(c) > 0xffff).toBe(c > 0xffff);
    }
  });
});
