import { expect, test } from 'vitest';
import { AdamW } from '../../src/training/adam-w.ts';

const gradient = (...g: number[]) => new Map([['w', Float32Array.from(g)]]);

test('two steps by hand', () => {
  const w = Float32Array.of(1, -2);
  const adam = new AdamW(new Map([['w', w]]), { beta1: 0.9, beta2: 0.98, weightDecay: 0.1, clip: 10 });
  adam.step(gradient(0.5, -1), 0.01);
  // m̂ = g and v̂ = g² after one step, so that each weight moves by the rate, after its decay.
  expect(w[0]).toBeCloseTo(1 * (1 - 0.001) - 0.01, 6);
  expect(w[1]).toBeCloseTo(-2 * (1 - 0.001) + 0.01, 6);
  adam.step(gradient(0.1, 0), 0.01);
  const m = (0.9 * 0.05 + 0.1 * 0.1) / (1 - 0.81);
  const v = (0.98 * 0.02 * 0.25 + 0.02 * 0.01) / (1 - 0.98 ** 2);
  expect(w[0]).toBeCloseTo(0.989 * 0.999 - (0.01 * m) / Math.sqrt(v), 6);
});

test('two steps with one scale for the array, by hand', () => {
  const w = Float32Array.of(1, -2);
  const adam = new AdamW(new Map([['w', w]]), { beta1: 0.9, beta2: 0.98, clip: 10, scale: 'array' });
  adam.step(gradient(0.5, -1), 0.01);
  // v̂ = (0.25 + 1) / 2: the weights move as 1 to −2, as the gradient is.
  expect(w[0]).toBeCloseTo(1 - (0.01 * 0.5) / Math.sqrt(0.625), 6);
  expect(w[1]).toBeCloseTo(-2 + (0.01 * 1) / Math.sqrt(0.625), 6);
  const before = w[0];
  adam.step(gradient(0.1, 0), 0.01);
  const m = (0.9 * 0.05 + 0.1 * 0.1) / (1 - 0.81);
  const v = (0.98 * 0.02 * 0.625 + (0.02 * 0.01) / 2) / (1 - 0.98 ** 2);
  expect(w[0]).toBeCloseTo(before - (0.01 * m) / Math.sqrt(v), 6);
});

test('a long gradient is scaled to the clipping norm', () => {
  const moved = (scale: number) => {
    const w = Float32Array.of(0, 0);
    const adam = new AdamW(new Map([['w', w]]), { clip: 1, epsilon: 1 });
    const info = adam.step(gradient(3 * scale, 4 * scale), 0.1);
    return { info, w: [...w] };
  };
  expect(moved(10).info).toEqual({ gradientNorm: 50, clipped: true });
  expect(moved(10).w[0]).toBeCloseTo(moved(0.2).w[0], 6);
  expect(moved(0.1).info.clipped).toBe(false);
});

test('a gradient that is no number changes nothing', () => {
  const w = Float32Array.of(1);
  const adam = new AdamW(new Map([['w', w]]));
  expect(adam.step(gradient(NaN), 0.1).gradientNorm).toBeNaN();
  expect([w[0], adam.stepsDone]).toEqual([1, 0]);
});

test.each(['entry', 'array'] as const)('restored, it goes on to the same bits (a scale for each %s)', (scale) => {
  const run = (interrupted: boolean) => {
    let w = Float32Array.of(0.3, 0.7);
    let adam = new AdamW(new Map([['w', w]]), { scale });
    for (let k = 0; k < 6; k++) {
      if (interrupted && k === 3) {
        const state = adam.state();
        w = w.slice();
        adam = new AdamW(new Map([['w', w]]), { scale });
        adam.restore(state);
      }
      adam.step(gradient(Math.sin(k), Math.cos(k)), 0.05);
    }
    return [...w];
  };
  expect(run(true)).toEqual(run(false));
});
