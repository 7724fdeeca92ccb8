import type { Capability } from '@postulate/graph';
import { isMachine, mapMachines, sumMachines, DEFAULT_MAX_STATES, type MachineResult } from '../machine/index.ts';
import type { BoundMoment, Factor } from '../port/index.ts';

/** The factor exp(λ f) of a fitted moment. */
export function tiltFactor(moment: BoundMoment, lambda: number, maxTokens: number): Factor {
  const { function: f } = moment;
  const budget = { maxStates: DEFAULT_MAX_STATES, maxTokens };
  let machine: MachineResult | undefined;
  const bound = lambda === 0 ? 0 : Math.max(lambda * f.range.lo, lambda * f.range.hi);
  return {
    ...base(moment, `exp(${Number(lambda.toPrecision(6))} * ${f.name})`, bound),
    capabilities: new Set<Capability>(['completeScore']),
    logWeights: async (batch) => (await f.values(batch)).map((v) => (lambda === 0 ? 0 : lambda * v)),
    machine() {
      if (machine !== undefined) return machine;
      const own = f.machine();
      machine = isMachine(own) ? sumMachines([{ machine: own, coefficient: lambda }], 0, budget) : own;
      return machine;
    },
  };
}

/** What P(e) = 1 (or 0) means: the indicator of the event (or of its negation). */
export function certainFactor(moment: BoundMoment, holds: boolean, maxTokens: number): Factor {
  const { function: f } = moment;
  const budget = { maxStates: DEFAULT_MAX_STATES, maxTokens };
  const log = (v: number): number => ((v !== 0) === holds ? 0 : -Infinity);
  let machine: MachineResult | undefined;
  return {
    ...base(moment, holds ? `indicator(${f.name})` : `indicator(not ${f.name})`, 0),
    capabilities: new Set<Capability>(['completeScore', 'boolean', 'upperBound']),
    logWeights: async (batch) => (await f.values(batch)).map(log),
    machine() {
      if (machine !== undefined) return machine;
      const own = f.machine();
      machine = isMachine(own) ? mapMachines([own], ([v]) => log(v), budget) : own;
      return machine;
    },
  };
}

/** The event of a moment that leaves no freedom, if it is one: P(e) = 1, P(e) >= 1, P(e) = 0 or P(e) <= 0. */
export function certainty(moment: BoundMoment): boolean | undefined {
  if (moment.function.kind !== 'event') return undefined;
  if (moment.value === 1 && moment.relation !== '<=') return true;
  if (moment.value === 0 && moment.relation !== '>=') return false;
  return undefined;
}

function base(
  moment: BoundMoment,
  label: string,
  logUpperBound: number,
): Pick<Factor, 'label' | 'node' | 'span' | 'logUpperBound'> {
  return { label, node: undefined, span: moment.span, logUpperBound };
}
