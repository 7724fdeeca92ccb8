import { isMachine, sumMachines, DEFAULT_MAX_STATES, type Term } from '../machine/index.ts';
import type { Factor, Target } from '../port/index.ts';
import { machineUpperBound } from './bound.ts';
import { factorsOf } from './density.ts';

/** A proved upper bound of Σ log φ, or the factor for which there is none. */
export type TargetBound = { readonly logBound: number } | { readonly unbounded: Factor };

/** The bound of all factors that have machines, taken together: often far below the sum of their own bounds. */
function jointBound(target: Target, factors: readonly Factor[]): number {
  const terms: Term[] = [];
  for (const f of factors) {
    const machine = f.machine();
    if (!isMachine(machine)) return Infinity;
    terms.push({ machine, coefficient: 1 });
  }
  if (terms.length === 0) return 0;
  const budget = { maxStates: DEFAULT_MAX_STATES, maxTokens: target.prior.maxTokens };
  const sum = sumMachines(terms, 0, budget);
  if (!isMachine(sum)) return Infinity;
  const bound = machineUpperBound(sum, target.prior);
  return Number.isFinite(bound) ? bound + 1e-12 * (1 + Math.abs(bound)) : bound;
}

/** Bounds the product of a target's factors. Moments do not enter: fit them first. */
export function targetBound(target: Target): TargetBound {
  const factors = factorsOf(target);
  const joint = factors.length === 1 ? Infinity : jointBound(target, factors);
  let sum = 0;
  for (const f of factors) {
    if (f.logUpperBound === Infinity) return joint < Infinity ? { logBound: joint } : { unbounded: f };
    sum += f.logUpperBound;
  }
  const logBound = Math.min(sum, joint);
  // Indicators have the weight 1 where they hold: their bound is exactly 0, without slack.
  return { logBound: logBound > 0 && factors.every((f) => f.capabilities.has('boolean')) ? 0 : logBound };
}
