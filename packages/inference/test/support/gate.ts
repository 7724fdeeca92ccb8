import { expect } from 'vitest';
import { zGate } from '../../../testing/src/index.ts';
import type { Estimate } from '../../src/index.ts';

/** Probability with which each gate refuses a correct engine; seeds are fixed. */
export const FALSE_ALARM = 2e-7;

/** An estimate against the truth; where nothing varies the error is rounding alone. */
export function gate(what: string, found: Estimate | null | undefined, truth: number): void {
  if (!found) throw new Error(`${what} is missing`);
  if (Math.abs(found.value - truth) < 1e-9) return;
  const result = zGate(found.value, found.standardError ?? NaN, truth, { falseAlarm: FALSE_ALARM });
  expect(result.passes, `${what}: ${result.message}`).toBe(true);
}
