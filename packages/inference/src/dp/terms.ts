import type { BackoffTable, LanguageModel, TokenMachine } from '@postulate/models';
import { constantMachine, isMachine, noMachine, sumMachines, type MachineBudget } from '../machine/index.ts';
import type { Factor, NoMachine } from '../port/index.ts';
import { poweredTable } from './powered-table.ts';

/** One summand of γ(x) = Σₖ exp(logWeightₖ) · tableₖ(x) · exp(machineₖ(x)). */
export interface SumTerm {
  readonly logWeight: number;
  /** The table of the prior, or of a component of it, raised to `power`. */
  readonly table: BackoffTable;
  /** 1 but where factors are powers of the prior itself. */
  readonly power: number;
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

/**
 * The posterior as a sum of tables times machines; a reason where some factor or the prior is not of that kind. With
 * `powers`, powers of the prior among the factors may go into its table, which then is not the prior's own any more: not
 * for those who go on to divide by the prior, token by token.
 */
export function termsOf(
  prior: Tabulated,
  factors: readonly Factor[],
  budget: MachineBudget,
  { powers = false }: { readonly powers?: boolean } = {},
): SumOfTerms | NoMachine {
  if (!isTabulated(prior))
    return noMachine('the prior is not a finite-state model; top_k and top_p, where its tables are large, break that');
  const { power, parts } = powers ? splitFactors(prior, factors) : { power: 1, parts: factors.map(partsOf) };
  const weights = weightsOf(prior.vocabulary.size, factors, parts, budget);
  if ('reason' in weights) return weights;
  const terms = componentsOf(prior)
    .filter((c) => c.weight > 0)
    .flatMap((c, component) =>
      weights.map((w) => ({
        component,
        logWeight: Math.log(c.weight) + w.logWeight,
        table: poweredTable(c.model.table!, power)!,
        power,
        machine: w.machine,
      })),
    );
  if (terms.length > MAX_TERMS) return noMachine(`it is a sum of ${terms.length} terms, more than ${MAX_TERMS}`);
  const plain = parts.every((p) => !('reason' in p) && p.length === 1 && p[0].logWeight === 0);
  return { terms, oneWeight: weights.length === 1 && plain };
}

type Parts = readonly Weight[] | NoMachine;

/**
 * Powers of the prior itself among the factors go into its table; the rest of them, and all other factors, are machines.
 * Where the powers do not fit in doubles, or the prior is a mixture, every factor is.
 */
function splitFactors(
  prior: Tabulated,
  factors: readonly Factor[],
): { readonly power: number; readonly parts: readonly Parts[] } {
  const { table } = prior;
  const apart = factors.map((f) => (table === undefined ? undefined : f.ofPrior?.()));
  const power = apart.reduce((sum, a) => (a === undefined || 'reason' in a ? sum : sum + a.power), 1);
  if (table === undefined || poweredTable(table, power) === undefined) return { power: 1, parts: factors.map(partsOf) };
  const parts = apart.map((a, i): Parts => {
    return a === undefined || 'reason' in a ? partsOf(factors[i]) : [{ logWeight: 0, machine: a.machine }];
  });
  return { power, parts };
}

interface Weight {
  readonly logWeight: number;
  readonly machine: TokenMachine;
}

function weightsOf(
  vocabularySize: number,
  factors: readonly Factor[],
  partsOfEach: readonly Parts[],
  budget: MachineBudget,
): Parts {
  let weights: readonly Weight[] = [{ logWeight: 0, machine: constantMachine(vocabularySize, 0) }];
  for (const [i, factor] of factors.entries()) {
    const parts = partsOfEach[i];
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

function partsOf(factor: Factor): Parts {
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
