import type { TokenMachine } from '@postulate/models';
import { MAX_ENTRIES, noMachine, type MachineBudget, type MachineResult } from './result.ts';

/**
 * The same function with its value in the finals alone: a state is a state of `machine` with the sum of outputs on the
 * way there, and only sums that `maxTokens` tokens can reach are followed. Sums are compared as doubles and added in
 * the order of the tokens, so the values are those of `machine` bit for bit.
 */
export function expand(machine: TokenMachine, budget: MachineBudget): MachineResult {
  if (machine.output === undefined) return machine;
  const { classes, output } = machine;
  const ids: Map<number, number>[] = Array.from({ length: machine.states }, () => new Map<number, number>());
  const stateOf: number[] = [];
  const sumOf: number[] = [];
  const idOf = (state: number, sum: number): number => {
    let id = ids[state].get(sum);
    if (id === undefined) {
      ids[state].set(sum, (id = stateOf.length));
      stateOf.push(state);
      sumOf.push(sum);
    }
    return id;
  };
  const next: number[] = [];
  idOf(machine.start, 0);
  for (let depth = 0, from = 0; from < stateOf.length; depth++) {
    const to = stateOf.length;
    for (let i = from; i < to; i++) {
      for (let c = 0; c < classes; c++) {
        const arc = stateOf[i] * classes + c;
        // Beyond the longest sequence nothing is ever read: a self-loop keeps the table total.
        next.push(depth < budget.maxTokens ? idOf(machine.next[arc], sumOf[i] + output[arc] + 0) : i);
      }
      if (stateOf.length > budget.maxStates || next.length > MAX_ENTRIES) {
        return noMachine(`counting its value takes more than ${budget.maxStates} automaton states`);
      }
    }
    from = to;
  }
  const finals = (f: Float64Array): Float64Array => Float64Array.from(sumOf, (sum, i) => sum + f[stateOf[i]]);
  return {
    ...{ vocabularySize: machine.vocabularySize, classes, classOf: machine.classOf },
    ...{ states: stateOf.length, start: 0, next: Int32Array.from(next), output: undefined },
    finalEnd: finals(machine.finalEnd),
    finalStop: finals(machine.finalStop),
  };
}
