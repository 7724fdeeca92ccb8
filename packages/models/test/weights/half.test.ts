import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bfloatsToFloats, floatToHalf, halvesToFloats } from '../../src/weights/half.ts';

const valueOf = (bits: number): number => {
  const floats = new Float32Array(1);
  halvesToFloats(Uint16Array.of(bits), floats);
  return floats[0];
};

test('every number of f16 is written as it was read', () => {
  const wrong: number[] = [];
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = valueOf(bits);
    const back = floatToHalf(value);
    if (Number.isNaN(value) ? !Number.isNaN(valueOf(back)) : back !== bits) wrong.push(bits);
  }
  expect(wrong).toEqual([]);
});

/** The 32-bit number `steps` places further from zero. */
function moved(value: number, steps: number): number {
  const words = new Uint32Array(Float32Array.of(value).buffer);
  words[0] += steps;
  return new Float32Array(words.buffer)[0];
}

test('what lies between two numbers of f16 goes to the nearer one, in the middle to the even one', () => {
  const wrong: number[] = [];
  for (let bits = 0; bits < 0x7bff; bits++) {
    const middle = Math.fround((valueOf(bits) + valueOf(bits + 1)) / 2);
    for (const [steps, expected] of [
      [-1, bits],
      [0, bits + (bits % 2)],
      [1, bits + 1],
    ]) {
      const value = moved(middle, steps);
      if (floatToHalf(value) !== expected || floatToHalf(-value) !== (expected | 0x8000)) wrong.push(value);
    }
  }
  expect(wrong).toEqual([]);
});

test('beyond the greatest f16 all is infinite', () => {
  expect([65504, 65519.99, 65520, 1e9, -65520].map(floatToHalf)).toEqual([0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00]);
  expect(floatToHalf(1e-40)).toBe(0);
});

test('bf16 is the upper half of f32', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff }), (bits) => {
      const floats = new Float32Array(1);
      bfloatsToFloats(Uint16Array.of(bits), floats);
      if (Number.isNaN(floats[0])) return;
      expect(new Uint32Array(floats.buffer)[0]).toBe(bits * 0x10000);
    }),
    { seed: 1 },
  );
});

/** Made by fixtures/make-half.py with NumPy and ml_dtypes: bits of 32-bit numbers, and of what they are in 16. */
const REFERENCE = JSON.parse(readFileSync(new URL('./fixtures/half.json', import.meta.url), 'utf8')) as {
  readonly narrowed: readonly (readonly [float: number, half: number])[];
  readonly widened: readonly (readonly [bits: number, half: number | null, bfloat: number | null])[];
};
const floatOf = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0];
const bitsOf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0];

test('f16 is what NumPy rounds to: ties, subnormal numbers, overflow', () => {
  expect(REFERENCE.narrowed.length).toBeGreaterThan(1000);
  expect(REFERENCE.narrowed.filter(([, half]) => (half & 0x7c00) === 0 && half % 0x8000 > 0).length).toBeGreaterThan(
    50,
  );
  expect(REFERENCE.narrowed.filter(([float, half]) => floatToHalf(floatOf(float)) !== half)).toEqual([]);
});

test('f16 and bf16 are read as NumPy and ml_dtypes read them', () => {
  const bfloatOf = (bits: number): number => {
    const floats = new Float32Array(1);
    bfloatsToFloats(Uint16Array.of(bits), floats);
    return floats[0];
  };
  for (const [bits, half, bfloat] of REFERENCE.widened) {
    expect(Number.isNaN(valueOf(bits)) ? null : bitsOf(valueOf(bits))).toBe(half);
    expect(Number.isNaN(bfloatOf(bits)) ? null : bitsOf(bfloatOf(bits))).toBe(bfloat);
  }
});
