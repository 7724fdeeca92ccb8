import { isMachine, type MachineBudget } from '../machine/index.ts';
import { backwardTerms, componentsOf, termsOf, type SolvedTerm, type SumOfTerms, type Tabulated } from '../dp/index.ts';
import type { Factor, NoMachine, Progress } from '../port/index.ts';
import type { LeftOut } from './joint-machine.ts';
import { lookaheadTwist } from './lookahead.ts';
import type { TwistOptions, Twisted } from './options.ts';
import type { Twist } from './twist.ts';

export interface MadeLookahead {
  readonly twist: Twist;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Solves the backward passes over `tables`, which are the prior's own or stand in for it, with as many factors as have
 * automata that fit together. A reason where none does, or nothing fits the memory.
 */
export function* makeLookahead(
  { prior, factors, complete }: Twisted,
  tables: Tabulated,
  options: TwistOptions,
): Generator<Progress, MadeLookahead | NoMachine> {
  const budget = { maxStates: options.maxStates, maxTokens: prior.maxTokens };
  const choice = chooseFactors(tables, factors, budget);
  const { leftOut } = choice;
  let { included } = choice;
  for (;;) {
    if (included.length === 0 && factors.length > 0) {
      return { reason: leftOut.map((l) => `${l.factor.label}: ${l.reason}`).join('; ') };
    }
    const solved: readonly SolvedTerm[] | NoMachine = yield* backwardTerms(
      termsOf(tables, included, budget) as SumOfTerms,
      prior.maxTokens,
      options,
    );
    if (!('reason' in solved)) {
      const own = tables === prior;
      const weights = componentsOf(tables).filter((c) => c.weight > 0);
      const exact = own && complete && leftOut.length === 0;
      const logWeights = Float64Array.from(weights, (c) => Math.log(c.weight));
      return { twist: lookaheadTwist(solved, logWeights, own, exact), leftOut };
    }
    const largest = included.reduce((a, b) => (statesOf(b) > statesOf(a) ? b : a), included[0]);
    if (largest === undefined) return solved;
    leftOut.push({ factor: largest, reason: solved.reason });
    included = included.filter((f) => f !== largest);
  }
}

const statesOf = (f: Factor): number => {
  const m = f.machine();
  return isMachine(m) ? m.states : Infinity;
};

/** All factors where they fit together, else as many as do, in their order. */
function chooseFactors(
  tables: Tabulated,
  factors: readonly Factor[],
  budget: MachineBudget,
): { included: readonly Factor[]; leftOut: LeftOut[] } {
  if (!('reason' in termsOf(tables, factors, budget))) return { included: factors, leftOut: [] };
  let included: readonly Factor[] = [];
  const leftOut: LeftOut[] = [];
  for (const factor of factors) {
    const sum = termsOf(tables, [...included, factor], budget);
    if ('reason' in sum) leftOut.push({ factor, reason: sum.reason });
    else included = [...included, factor];
  }
  return { included, leftOut };
}

/** Whether some factor can be looked ahead at all. */
export function hasMachines(factors: readonly Factor[]): boolean {
  return factors.some((f) => isMachine(f.machine()) || (f.parts?.every((p) => isMachine(p.machine())) ?? false));
}
