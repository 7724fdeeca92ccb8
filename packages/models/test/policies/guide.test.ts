import { describe, expect, it } from 'vitest';
import type { TokenMachine } from '../../src/index.ts';
import { Guide } from '../../src/policies/guide.ts';
import { RowReader } from '../../src/policies/row-reader.ts';
import { close } from './guided-support.ts';

describe('a guide', () => {
  it('keeps its digits where nearly all of a row is ruled out', () => {
    // Class 0 of two tokens goes on, class 1 of one token never does.
    const machine: TokenMachine = {
      ...{ vocabularySize: 3, states: 2, start: 0, classes: 2, output: undefined },
      classOf: Int32Array.of(0, 0, 1),
      next: Int32Array.of(0, 1, 1, 1),
      finalEnd: Float64Array.of(0, -Infinity),
      finalStop: Float64Array.of(0, -Infinity),
    };
    const narrow = new Guide({ machine, values: Float64Array.of(0, -Infinity, 0, -Infinity) });
    const row = Float64Array.of(3e-17, 1e-17, 1, 0).map(Math.log);
    narrow.tilt(row, 0, 0, 0);
    close(row, [Math.log(0.75), Math.log(0.25), -Infinity, -Infinity], 12);
  });

  it('takes what the base rules out for all but impossible, where it reads that, and moves nothing by it', () => {
    const reader = new RowReader(
      { tokens: Int32Array.of(0, 2), weights: Float64Array.of(1, 2, 3, 4), open: Uint8Array.of(1, 1) },
      2,
    );
    const row = Float64Array.of(9, -Infinity, -1, -40);
    reader.read(row, 1);
    expect([reader.worth(0, 0), reader.worth(1, 1)]).toEqual([-30 - 2 * 30, -3 * 30 - 4 * 30]);
    const logs = new Float64Array(3);
    reader.copyLogs(row, 0, logs, 1);
    expect([...logs]).toEqual([0, 9, -1]);
    const gradient = new Float64Array(4);
    reader.addGradient(gradient, 0, { logs: Float64Array.of(-30, -2), at: 0 }, { index: 1, state: 1 }, 0.5);
    expect([...gradient]).toEqual([0, 0, 2, 0]);
  });
});
