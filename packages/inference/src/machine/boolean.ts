import { COMPARISONS, type ComparisonOperator } from '@postulate/graph';
import type { TokenMachine } from '@postulate/models';
import { mapMachines } from './map.ts';
import { isMachine, type MachineBudget, type MachineResult } from './result.ts';

/** Events are machines with values 0 and 1; what is not 0 counts as true. */
export function notMachine(event: TokenMachine, budget: MachineBudget): MachineResult {
  return mapMachines([event], ([e]) => (e === 0 ? 1 : 0), budget);
}

/** Conjunction, folded from the left so that each step is minimised before the next. `events` is not empty. */
export function andMachines(events: readonly TokenMachine[], budget: MachineBudget): MachineResult {
  return fold(events, ([a, b]) => (a !== 0 && b !== 0 ? 1 : 0), budget);
}

/** Disjunction, folded from the left. `events` is not empty. */
export function orMachines(events: readonly TokenMachine[], budget: MachineBudget): MachineResult {
  return fold(events, ([a, b]) => (a !== 0 || b !== 0 ? 1 : 0), budget);
}

function fold(
  events: readonly TokenMachine[],
  f: (values: readonly number[]) => number,
  budget: MachineBudget,
): MachineResult {
  let result: MachineResult = events[0];
  for (const e of events.slice(1)) {
    result = mapMachines([result, e], f, budget);
    if (!isMachine(result)) return result;
  }
  return result;
}

/** The event `left op right`. */
export function compareMachines(
  left: TokenMachine,
  op: ComparisonOperator,
  right: TokenMachine,
  budget: MachineBudget,
): MachineResult {
  const compare = COMPARISONS[op];
  return mapMachines([left, right], ([a, b]) => (compare(a, b) ? 1 : 0), budget);
}
