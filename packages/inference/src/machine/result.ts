import type { TokenMachine } from '@postulate/models';
import type { NoMachine } from '../port/index.ts';

/** A machine, or why there is none. */
export type MachineResult = TokenMachine | NoMachine;

/** How large a machine may become. */
export interface MachineBudget {
  /** Most states of any machine built on the way. */
  readonly maxStates: number;
  /** Tokens of the longest sequence: partial sums are followed that far and no further. */
  readonly maxTokens: number;
}

export const DEFAULT_MAX_STATES = 20_000;

/** Most entries (states × classes) of a transition table; keeps a product of wide machines from filling the memory. */
export const MAX_ENTRIES = 20_000_000;

export function isMachine(result: MachineResult): result is TokenMachine {
  return 'next' in result;
}

export function noMachine(reason: string): NoMachine {
  return { reason };
}

/** Splits results into machines, or the first reason why one is missing. */
export function allMachines(results: readonly MachineResult[]): readonly TokenMachine[] | NoMachine {
  for (const r of results) if (!isMachine(r)) return r;
  return results as readonly TokenMachine[];
}
