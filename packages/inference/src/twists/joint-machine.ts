import type { TokenMachine } from '@postulate/models';
import { constantMachine, isMachine, sumMachines, type MachineBudget, type MachineResult } from '../machine/index.ts';
import type { Factor } from '../port/index.ts';

/** A factor that a twist cannot look into, and why. */
export interface LeftOut {
  readonly factor: Factor;
  readonly reason: string;
}

/** The machine of Σ log φ over the factors that have machines, as many as its states allow. */
export interface JointMachine {
  readonly machine: TokenMachine;
  readonly included: readonly Factor[];
  readonly leftOut: readonly LeftOut[];
}

const added = (a: TokenMachine, b: TokenMachine, budget: MachineBudget): MachineResult =>
  sumMachines(
    [a, b].map((machine) => ({ machine, coefficient: 1 })),
    0,
    budget,
  );

const alone = new WeakMap<TokenMachine, TokenMachine>();

/** A machine as a sum of one, kept with it: runs on the same target begin with the same. */
function aloneOf(machine: TokenMachine, budget: MachineBudget): MachineResult {
  const known = alone.get(machine);
  if (known !== undefined && known.states <= budget.maxStates) return known;
  const made = sumMachines([{ machine, coefficient: 1 }], 0, budget);
  if (isMachine(made)) alone.set(machine, made);
  return made;
}

/** Adds machines one by one, small ones first; one that makes the product too large is left out. */
export function jointMachine(factors: readonly Factor[], vocabularySize: number, budget: MachineBudget): JointMachine {
  const found: { factor: Factor; machine: TokenMachine }[] = [];
  const leftOut: LeftOut[] = [];
  for (const factor of factors) {
    const machine = factor.machine();
    if (isMachine(machine)) found.push({ factor, machine });
    else leftOut.push({ factor, reason: machine.reason });
  }
  found.sort((a, b) => a.machine.states - b.machine.states);
  let joint = constantMachine(vocabularySize, 0);
  const included: Factor[] = [];
  for (const { factor, machine } of found) {
    const sum = included.length === 0 ? aloneOf(machine, budget) : added(joint, machine, budget);
    if (isMachine(sum)) {
      joint = sum;
      included.push(factor);
    } else leftOut.push({ factor, reason: sum.reason });
  }
  return { machine: joint, included, leftOut };
}
