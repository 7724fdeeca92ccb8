import type { Alphabet } from './alphabet.ts';

/**
 * A deterministic weighted machine over the code points of a text. Reading c₁…c_n from `start`,
 *
 *   value = (Σᵢ output[s_{i−1}, class(cᵢ)] + final[s_n]) / divisor.
 *
 * Without outputs it is an event whose finals are 0 or 1. Weights are whole numbers wherever possible and `divisor`
 * brings them back to their unit, so that sums and differences are exact. `-Infinity` is legal.
 */
export interface TextMachine {
  readonly alphabet: Alphabet;
  readonly states: number;
  readonly start: number;
  /** states × alphabet.size. */
  readonly next: Int32Array;
  /** states × alphabet.size; absent for events. */
  readonly output: Float64Array | undefined;
  readonly final: Float64Array;
  readonly divisor: number;
}

/** Says why there is no machine. */
export interface Refusal {
  readonly reason: string;
}

export function isRefusal(outcome: object): outcome is Refusal {
  return 'reason' in outcome;
}

/** Greatest number of states of a machine over code points. */
export const TEXT_STATE_BUDGET = 20_000;

export function tooManyStates(budget: number): Refusal {
  return { reason: `its automaton needs more than ${budget.toLocaleString('en')} states` };
}
