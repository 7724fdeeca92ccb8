import type { NoMachine, Progress } from '../port/index.ts';
import { backward, logTotal, type Backward } from './backward.ts';
import { domainsOf, type Domain } from './domains.ts';
import { planLayers, type LayerPlan } from './layer-plan.ts';
import { prepareTable } from './prepared-table.ts';
import type { SumOfTerms, SumTerm } from './terms.ts';

/** One summand with its backward pass; `logZ` has the summand's weight in it. */
export interface SolvedTerm {
  readonly term: SumTerm;
  readonly b: Backward;
  readonly logZ: number;
}

/** What a computation over tables and automata may use. */
export interface DpLimits {
  readonly maxStates: number;
  readonly maxMemoryMB: number;
}

/** Backward passes of every summand; a reason where they do not fit the budget. */
export function* backwardTerms(
  sum: SumOfTerms,
  maxTokens: number,
  limits: DpLimits,
): Generator<Progress, readonly SolvedTerm[] | NoMachine> {
  const plans = sum.terms.map(({ table, machine }) => {
    const prepared = prepareTable(table);
    const plan = planLayers(machine, maxTokens, prepared.canEnd, prepared.normalised);
    return { prepared, plan, domains: domainsOf(prepared, machine) };
  });
  const bytes = plans.reduce((n, p) => n + tableBytes(p.plan, p.domains), 0);
  if (bytes > limits.maxMemoryMB * 2 ** 20) {
    const needed = Math.ceil(bytes / 2 ** 20);
    return { reason: `its tables need ${needed} MiB, more than maxMemoryMB = ${limits.maxMemoryMB}` };
  }
  const solved: SolvedTerm[] = [];
  for (const [i, { prepared, plan, domains }] of plans.entries()) {
    const b = yield* backward(prepared, sum.terms[i].machine, plan, domains);
    const term = { term: sum.terms[i], b, logZ: sum.terms[i].logWeight + logTotal(b) };
    if (mattered(term)) return { reason: TOO_WIDE };
    solved.push(term);
  }
  return solved;
}

/** What the layers of a backward pass take: eight bytes for each live (position, state, context). */
function tableBytes(plan: LayerPlan, domains: readonly Domain[]): number {
  let cells = 0;
  plan.kinds.forEach((kind, at) => (cells += kind === 'live' ? domains[at % plan.states].contexts.length : 0));
  return 8 * cells;
}

const TOO_WIDE = 'its weights lie so far apart that one double cannot hold both';

/**
 * Whether a weight was lost that may have mattered: all of them were, or there are contexts in which the larger weight
 * has probability 0 and the lost one is all there is.
 */
const mattered = ({ b, logZ }: SolvedTerm): boolean => b.lost && (logZ === -Infinity || !b.prepared.positive);
