import type { TokenMachine } from '@postulate/models';
import { minimise } from './minimise.ts';
import { combinedFinals, combinedOutput, product } from './product.ts';
import { noMachine, type MachineBudget, type MachineResult } from './result.ts';

/** One term of a linear combination of machines. */
export interface Term {
  readonly machine: TokenMachine;
  readonly coefficient: number;
}

/**
 * The machine of `constant + Σ coefficientᵢ · valueᵢ`. Outputs stay on the transitions, so this needs the product of
 * the machines and nothing more. A machine that takes −∞ may only be added with a positive coefficient.
 * `terms` is not empty.
 */
export function sumMachines(terms: readonly Term[], constant: number, budget: MachineBudget): MachineResult {
  for (const t of terms) {
    if (t.coefficient <= 0 && takesMinusInfinity(t.machine)) {
      return noMachine('a score that can be -inf is taken times a number that is not positive');
    }
  }
  const coefficients = terms.map((t) => t.coefficient);
  const p = product(
    terms.map((t) => t.machine),
    budget.maxStates,
  );
  if ('reason' in p) return p;
  const total = (values: readonly number[]): number =>
    values.reduce((sum, v, i) => (coefficients[i] === 0 ? sum : sum + coefficients[i] * v), constant);
  return minimise({
    ...{ vocabularySize: p.classOf.length, states: p.states, start: 0 },
    ...{ classes: p.classes, classOf: p.classOf, next: p.next },
    output: combinedOutput(p, coefficients),
    finalEnd: combinedFinals(
      p,
      p.machines.map((m) => m.finalEnd),
      total,
    ),
    finalStop: combinedFinals(
      p,
      p.machines.map((m) => m.finalStop),
      total,
    ),
  });
}

/** Whether some entry of the machine is −∞. */
export function takesMinusInfinity(m: TokenMachine): boolean {
  return m.finalEnd.includes(-Infinity) || m.finalStop.includes(-Infinity) || (m.output?.includes(-Infinity) ?? false);
}
