import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packedMask, packTexts } from '../../src/training/packing.ts';

const END = 99;
const texts = fc.array(
  fc.array(fc.nat(50), { maxLength: 40 }).map((ids) => Int32Array.from(ids)),
  { maxLength: 30 },
);

test('every token and every end is a target that counts once', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(4, 8, 16), (all, length) => {
      const expected = new Map<number, number>();
      const count = (token: number) => expected.set(token, (expected.get(token) ?? 0) + 1);
      for (const text of all) {
        text.forEach(count);
        count(END);
      }
      const found = new Map<number, number>();
      for (const { targets, counts } of packTexts(all, length, END)) {
        targets.forEach((token, i) => {
          if (counts[i] === 1) found.set(token, (found.get(token) ?? 0) + 1);
        });
      }
      expect(found).toEqual(expected);
    }),
  );
});

test('within a piece each target is read next', () => {
  fc.assert(
    fc.property(texts, (all) => {
      for (const { ids, targets, piece, positions } of packTexts(all, 8, END)) {
        for (let i = 0; i + 1 < 8; i++) {
          if (piece[i] === -1 || piece[i + 1] !== piece[i]) continue;
          expect(ids[i + 1]).toBe(targets[i]);
          expect(positions[i + 1]).toBe(positions[i] + 1);
        }
      }
    }),
  );
});

test('a long text goes on with half a row of context', () => {
  const rows = packTexts([Int32Array.from({ length: 13 }, (_, i) => i)], 8, END);
  expect(rows.map(({ ids }) => [...ids])).toEqual([
    [END, 0, 1, 2, 3, 4, 5, 6],
    [3, 4, 5, 6, 7, 8, 9, 10],
    [7, 8, 9, 10, 11, 12, 0, 0],
  ]);
  expect(rows.map(({ counts }) => counts.join(''))).toEqual(['11111111', '00001111', '00001100']);
});

test('the mask lets positions see their own piece alone', () => {
  const [row] = packTexts([Int32Array.of(1, 2), Int32Array.of(3)], 8, END);
  const mask = packedMask([row], 8);
  for (let i = 0; i < 8; i++) {
    for (let j = 0; j <= i; j++) {
      const own = i === j || (row.piece[i] !== -1 && row.piece[i] === row.piece[j]);
      expect(mask[i * 8 + j] === 0).toBe(own);
    }
  }
});
