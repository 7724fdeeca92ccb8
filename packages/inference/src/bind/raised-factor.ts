import { isMachine, sumMachines, type MachineBudget, type MachineResult } from '../machine/index.ts';
import type { Factor, Target } from '../port/index.ts';
import { andThen } from './maybe.ts';

function raised(factor: Factor, power: number, budget: MachineBudget): Factor {
  let machine: MachineResult | undefined;
  const { densities, ofPrior } = factor;
  return {
    label: `(${factor.label})^${power}`,
    node: factor.node,
    span: factor.span,
    capabilities: factor.capabilities,
    logUpperBound: power * factor.logUpperBound,
    logWeights: (batch) => andThen(factor.logWeights(batch), (logs) => logs.map((l) => power * l)),
    machine() {
      const own = factor.machine();
      return (machine ??= isMachine(own) ? sumMachines([{ machine: own, coefficient: power }], 0, budget) : own);
    },
    ...(ofPrior === undefined ? {} : { ofPrior: () => raisedPrior(ofPrior(), power, budget) }),
    ...(densities === undefined
      ? {}
      : { densities: { ...densities, parts: densities.parts.map((p) => ({ ...p, power: power * p.power })) } }),
  };
}

type OfPrior = ReturnType<NonNullable<Factor['ofPrior']>>;

function raisedPrior(own: OfPrior, power: number, budget: MachineBudget): OfPrior {
  if ('reason' in own) return own;
  const machine = sumMachines([{ machine: own.machine, coefficient: power }], 0, budget);
  return isMachine(machine) ? { power: power * own.power, machine } : machine;
}

/**
 * The target with φ(x)^power, power > 0, in place of each factor: the same texts have weight zero. What is made for it favours more
 * (power > 1) or less than the posterior what the factors favour. A factor that is a sum of parts is no such sum any more, and can
 * be looked into only where it has a machine as a whole.
 */
export function withFactorsRaised(target: Target, power: number, budget: MachineBudget): Target {
  if (power === 1) return target;
  const stages = target.stages.map((s) => ({ ...s, factors: s.factors.map((f) => raised(f, power, budget)) }));
  return { ...target, stages };
}
