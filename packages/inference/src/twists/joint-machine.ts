import type { TokenMachine } from '@postulate/models';
import { constantMachine, isMachine, sumMachines, type MachineBudget } from '../machine/index.ts';
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
    const terms = [joint, machine].map((m) => ({ machine: m, coefficient: 1 }));
    const sum = sumMachines(included.length === 0 ? terms.slice(1) : terms, 0, budget);
    if (isMachine(sum)) {
      joint = sum;
      included.push(factor);
    } else leftOut.push({ factor, reason: sum.reason });
  }
  return { machine: joint, included, leftOut };
}
