import { expect } from 'vitest';
import { zGate } from '../../../testing/src/index.ts';
import type { Approximation, Estimate } from '../../src/index.ts';
import { answersOf, type Answer } from '../bind/support.ts';

/** Probability with which each gate refuses a correct engine; seeds are fixed. */
export const FALSE_ALARM = 2e-7;

/** An estimate against the truth; where nothing varies the error is rounding alone. */
export function gate(what: string, found: Estimate | null | undefined, truth: number): void {
  if (!found) throw new Error(`${what} is missing`);
  if (Math.abs(found.value - truth) < 1e-9) return;
  const result = zGate(found.value, found.standardError ?? NaN, truth, { falseAlarm: FALSE_ALARM });
  expect(result.passes, `${what}: ${result.message}`).toBe(true);
}

const FIXTURES = ['algebra', 'hard', 'hybrid', 'moments', 'needle', 'soft', 'tabular', 'uncertain', 'markov6'];

/** Every posterior of the fixtures whose answers are known: file, posterior, answer. */
export const CELLS: readonly (readonly [file: string, posterior: string, answer: Answer])[] = FIXTURES.flatMap((file) =>
  answersOf(file).map(([posterior, answer]) => [file, posterior, answer] as const),
);

/** One text in 400,000 has mass in it. */
export const isNeedle = (file: string, posterior: string): boolean => file === 'needle' && posterior === 'posterior';

export function gateExpectations(result: Approximation, answer: Answer): void {
  for (const [name, value] of Object.entries(answer.expectations)) gate(name, result.expectations[name], value);
  answer.lambda?.forEach((l, i) => expect(result.lambda![i]).toBeCloseTo(l, 8));
}

/** Every figure of a run against its known answer. */
export function gateAll(result: Approximation, answer: Answer): void {
  gate('logZ', result.logZ, answer.logZ);
  gate('entropy', result.entropy, answer.entropy);
  gate('klToPrior', result.klToPrior, answer.klToPrior);
  gateExpectations(result, answer);
}
