import {
  DEFAULT_MAX_STATES,
  constantMachine,
  isMachine,
  sumMachines,
  type Factor,
  type NoMachine,
  type Target,
} from '@postulate/inference';
import type { Capability } from '@postulate/graph';
import type { TokenMachine } from '@postulate/models';

type Stage = Target['stages'][number];

/** Ways to write a target down differently. Each keeps `graphHash`, which names the file the target came from. */
export function mapStages(target: Target, f: (stage: Stage, index: number) => Stage): Target {
  return { ...target, stages: target.stages.map(f) };
}

/** Multiplies the first stage by one more factor. */
export function withFactor(target: Target, factor: Factor): Target {
  return mapStages(target, (s, i) => (i === 0 ? { ...s, factors: [...s.factors, factor] } : s));
}

/** The factor exp(logValue) of every text. */
export function constantFactor(target: Target, logValue: number): Factor {
  const capabilities: Capability[] = ['completeScore', 'prefixScore', 'upperBound', 'regular', 'additive'];
  return {
    label: `exp(${logValue})`,
    node: undefined,
    capabilities: new Set<Capability>(logValue === 0 ? [...capabilities, 'boolean'] : capabilities),
    logUpperBound: logValue,
    logWeights: (batch) => new Float64Array(batch.size).fill(logValue),
    machine: () => constantMachine(target.prior.vocabulary.size, logValue),
  };
}

type Coefficients = readonly { readonly factor: Factor; readonly coefficient: number }[];

function linearMachine(terms: Coefficients, maxTokens: number): TokenMachine | NoMachine {
  const machines = terms.map((t) => t.factor.machine());
  const missing = machines.find((m) => !isMachine(m));
  if (missing !== undefined) return missing;
  const parts = machines.flatMap((m, i) => (isMachine(m) ? [{ machine: m, coefficient: terms[i].coefficient }] : []));
  return sumMachines(parts, 0, { maxStates: DEFAULT_MAX_STATES, maxTokens });
}

/** Π φᵢ ^ coefficientᵢ as one factor; it can do what all of them can. Coefficients are positive. */
export function productFactor(terms: Coefficients, maxTokens: number): Factor {
  const [first, ...rest] = terms.map((t) => t.factor.capabilities);
  return {
    label: terms.map((t) => t.factor.label).join(' * '),
    node: undefined,
    capabilities: new Set([...first].filter((c) => rest.every((r) => r.has(c)))),
    logUpperBound: terms.reduce((sum, t) => sum + t.coefficient * t.factor.logUpperBound, 0),
    async logWeights(batch) {
      const total = new Float64Array(batch.size);
      for (const { factor, coefficient } of terms) {
        const values = await factor.logWeights(batch);
        for (let i = 0; i < total.length; i++) total[i] += coefficient * values[i];
      }
      return total;
    },
    machine: () => linearMachine(terms, maxTokens),
  };
}

/** The factors of every stage in the opposite order. */
export function reversedFactors(target: Target): Target {
  return mapStages(target, (s) => ({ ...s, factors: [...s.factors].reverse() }));
}

/** The factors of every stage multiplied into one; those that need their `parts` stay apart. */
export function groupedFactors(target: Target): Target {
  return mapStages(target, (s) => {
    const whole = s.factors.filter((f) => f.parts === undefined);
    if (whole.length < 2) return s;
    const one = productFactor(whole.map((factor) => ({ factor, coefficient: 1 })), target.prior.maxTokens); // prettier-ignore
    return { ...s, factors: [one, ...s.factors.filter((f) => f.parts !== undefined)] };
  });
}

/** Every boolean factor twice: conditioning again on what holds already. */
export function conditionedTwice(target: Target): Target {
  return mapStages(target, (s) => ({
    ...s,
    factors: s.factors.flatMap((f) => (f.capabilities.has('boolean') ? [f, f] : [f])),
  }));
}

/** Every soft factor to the power `1 / by`: β times `by`. Boolean factors and those with `parts` are left out. */
export function flattened(target: Target, by: number): Target {
  const soft = (s: Stage) => s.factors.filter((f) => !f.capabilities.has('boolean') && f.parts === undefined);
  return mapStages(target, (s) => ({
    ...s,
    factors: soft(s).map((factor) => productFactor([{ factor, coefficient: 1 / by }], target.prior.maxTokens)),
  }));
}
