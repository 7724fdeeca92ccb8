import type { LanguageModel, TokenMachine } from '@postulate/models';
import { aliveStates, DEFAULT_MAX_STATES, isMachine, sumMachines } from '../machine/index.ts';
import type { Factor } from '../port/index.ts';

/** Which prefixes the automata of some events let live. */
export interface Viability {
  /** The joint machine of the events, 0 where a text is allowed and −∞ where not. */
  readonly machine: TokenMachine;
  /** The events it speaks of. */
  readonly factors: readonly Factor[];
  /** (maxTokens + 1) × states: 1 where a prefix of t tokens that leads to the state has an allowed text before it. */
  readonly alive: Uint8Array;
}

/** Most entries of the table of living states. */
const MAX_TABLE = 50_000_000;

/** Joins the machines of events one by one; those with which the product would become too large are left out. */
function joined(
  events: readonly Factor[],
  maxTokens: number,
): { readonly machine: TokenMachine; readonly factors: readonly Factor[] } | undefined {
  let machine: TokenMachine | undefined;
  const factors: Factor[] = [];
  for (const f of events) {
    const own = f.machine();
    if (!isMachine(own)) continue;
    const terms = (machine === undefined ? [own] : [machine, own]).map((m) => ({ machine: m, coefficient: 1 }));
    const joint = sumMachines(terms, 0, { maxStates: DEFAULT_MAX_STATES, maxTokens });
    if (!isMachine(joint) || joint.states * (maxTokens + 1) > MAX_TABLE) continue;
    machine = joint;
    factors.push(f);
  }
  return machine === undefined ? undefined : { machine, factors };
}

/**
 * What the joint automaton of those factors that are events says about prefixes: one is dead only if no continuation of
 * it is allowed, whatever the prior. Undefined where no factor is an event with an automaton.
 */
export function viabilityOf(
  factors: readonly Factor[],
  prior: Pick<LanguageModel, 'maxTokens'>,
): Viability | undefined {
  const joint = joined(
    factors.filter((f) => f.capabilities.has('boolean')),
    prior.maxTokens,
  );
  return joint && { ...joint, alive: aliveStates(joint.machine, prior.maxTokens) };
}
