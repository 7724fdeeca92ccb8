import type { BackoffTable, LanguageModel, TokenMachine } from '@postulate/models';
import { constantMachine, isMachine, noMachine, sumMachines, type MachineBudget } from '../machine/index.ts';
import type { Factor, NoMachine } from '../port/index.ts';

/** One summand of γ(x) = Σₖ exp(logWeightₖ) · tableₖ(x) · exp(machineₖ(x)). */
export interface SumTerm {
  readonly logWeight: number;
  readonly table: BackoffTable;
  readonly machine: TokenMachine;
  /** Which component of the prior the table is, among those of positive weight. */
  readonly component: number;
}

/** What of a prior says how it is made of tables. */
export type Tabulated = Pick<LanguageModel, 'table' | 'components' | 'vocabulary'>;

export interface SumOfTerms {
  readonly terms: readonly SumTerm[];
  /** Whether log φ is one machine, so that its expectation is at hand. */
  readonly oneWeight: boolean;
}

/** Most summands; a product of many `mean(exp(R))` factors would multiply them. */
const MAX_TERMS = 256;

/** Components of a prior: itself, or those of a mixture. */
export function componentsOf(prior: Tabulated): readonly { readonly model: Tabulated; readonly weight: number }[] {
  if (prior.table !== undefined) return [{ model: prior, weight: 1 }];
  return (prior.components ?? []).flatMap(({ model, weight }) =>
    componentsOf(model).map((c) => ({ model: c.model, weight: weight * c.weight })),
  );
}

/** Whether every part of the prior is a finite-state table. */
export function isTabulated(prior: Tabulated): boolean {
  return prior.table !== undefined || (prior.components?.every((c) => isTabulated(c.model)) ?? false);
}

/** The posterior as a sum of tables times machines; a reason where some factor or the prior is not of that kind. */
export function termsOf(prior: Tabulated, factors: readonly Factor[], budget: MachineBudget): SumOfTerms | NoMachine {
  if (!isTabulated(prior))
    return noMachine('the prior is not a finite-state model; top_k and top_p, where its tables are large, break that');
  const weights = weightsOf(prior.vocabulary.size, factors, budget);
  if ('reason' in weights) return weights;
  const terms = componentsOf(prior)
    .filter((c) => c.weight > 0)
    .flatMap((c, component) =>
      weights.map((w) => ({
        component,
        logWeight: Math.log(c.weight) + w.logWeight,
        table: c.model.table!,
        machine: w.machine,
      })),
    );
  if (terms.length > MAX_TERMS) return noMachine(`it is a sum of ${terms.length} terms, more than ${MAX_TERMS}`);
  return { terms, oneWeight: weights.length === 1 && factors.every((f) => isMachine(f.machine())) };
}

interface Weight {
  readonly logWeight: number;
  readonly machine: TokenMachine;
}

function weightsOf(
  vocabularySize: number,
  factors: readonly Factor[],
  budget: MachineBudget,
): readonly Weight[] | NoMachine {
  let weights: readonly Weight[] = [{ logWeight: 0, machine: constantMachine(vocabularySize, 0) }];
  for (const factor of factors) {
    const parts = partsOf(factor);
    if ('reason' in parts) return parts;
    if (weights.length * parts.length > MAX_TERMS) {
      return noMachine(`its random scores make a sum of more than ${MAX_TERMS} terms`);
    }
    const products: Weight[] = [];
    for (const w of weights) {
      for (const part of parts) {
        const terms = [
          { machine: w.machine, coefficient: 1 },
          { machine: part.machine, coefficient: 1 },
        ];
        const machine = sumMachines(terms, 0, budget);
        if (!isMachine(machine)) return noMachine(`with the factor ${factor.label}, ${machine.reason}`);
        products.push({ logWeight: w.logWeight + part.logWeight, machine });
      }
    }
    weights = products;
  }
  return weights;
}

function partsOf(factor: Factor): readonly Weight[] | NoMachine {
  const whole = factor.machine();
  if (isMachine(whole)) return [{ logWeight: 0, machine: whole }];
  if (factor.parts === undefined) return noMachine(`the factor ${factor.label} has no automaton: ${whole.reason}`);
  const parts: Weight[] = [];
  for (const { weight, machine } of factor.parts) {
    if (weight === 0) continue;
    const m = machine();
    if (!isMachine(m)) return noMachine(`a part of the factor ${factor.label} has no automaton: ${m.reason}`);
    parts.push({ logWeight: Math.log(weight), machine: m });
  }
  return parts;
}
