import type { Chooser } from '@postulate/models';
import { describe, expect, it } from 'vitest';
import { enumerateTraces, expectation, totalMass } from '../../src/index.ts';

const logs = (...p: number[]) => p.map(Math.log);

describe('enumerateTraces', () => {
  it('visits each path once, with its probability', async () => {
    const traces = await enumerateTraces((c) => {
      const first = c.choose(logs(0.5, 0.3, 0.2));
      return first === 2 ? 'stop' : `${first}${c.choose(logs(0.25, 0.75))}`;
    });
    expect(traces.map((t) => t.value).sort()).toEqual(['00', '01', '10', '11', 'stop']);
    expect(traces.find((t) => t.value === '11')!.logProbability).toBeCloseTo(Math.log(0.225), 14);
    expect(Math.abs(totalMass(traces) - 1)).toBeLessThan(1e-15);
    expect(expectation(traces, (v) => v.length)).toBeCloseTo(2 * 0.8 + 4 * 0.2, 14);
  });

  it('normalises weights, skips impossible choices, splits into the same paths, awaits promises', async () => {
    const traces = await enumerateTraces(async (c) => {
      const a = c.split('x').choose([-Infinity, 3, 3]);
      await Promise.resolve();
      return [a, c.choose([0])];
    });
    expect(traces.map((t) => t.value)).toEqual([[1, 0], [2, 0]]); // prettier-ignore
    expect(traces[0].logProbability).toBeCloseTo(Math.log(0.5), 14);
  });

  it('has one path for a program without choices', async () => {
    expect(await enumerateTraces(() => 7)).toEqual([{ value: 7, logProbability: 0 }]);
  });

  it('takes a geometric number of choices up to a cap', async () => {
    const flips = (c: Chooser) => {
      let n = 0;
      while (n < 12 && c.choose(logs(0.5, 0.5)) === 1) n++;
      return n;
    };
    const traces = await enumerateTraces(flips);
    expect(traces).toHaveLength(13);
    expect(expectation(traces, (n) => n)).toBeCloseTo(1 - 2 ** -12, 14);
  });

  it('refuses too many paths, no live choice, and a program with other chance in it', async () => {
    const coin = (c: Chooser) => c.choose([0, 0]);
    await expect(enumerateTraces(coin, { maxTraces: 1 })).rejects.toThrow('P603');
    await expect(enumerateTraces((c) => c.choose([-Infinity]))).rejects.toThrow('P900');
    await expect(enumerateTraces((c) => c.choose([NaN, 0]))).rejects.toThrow('P900');
    let run = 0;
    await expect(enumerateTraces((c) => (run++ === 0 ? coin(c) : 0))).rejects.toThrow('source of chance');
  });
});
