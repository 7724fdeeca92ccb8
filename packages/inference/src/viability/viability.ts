import type { LanguageModel, TokenMachine } from '@postulate/models';
import { aliveStates, DEFAULT_MAX_STATES } from '../machine/index.ts';
import type { Factor } from '../port/index.ts';
import { jointMachine } from '../twists/joint-machine.ts';

/** Which prefixes the automata of some events let live. */
export interface Viability {
  /** The joint machine of the events, 0 where a text is allowed and −∞ where not. */
  readonly machine: TokenMachine;
  /** The events it speaks of. */
  readonly factors: readonly Factor[];
  /** (maxTokens + 1) × states: 1 where a prefix of t tokens that leads to the state may still become an allowed text. */
  readonly alive: Uint8Array;
}

/** Most entries of the table of living states. */
const MAX_TABLE = 50_000_000;

/**
 * What the joint automaton of those factors that are events says about prefixes: one is dead only if no continuation of
 * it is allowed, whatever the prior. Events with which the automaton would become too large are left out; undefined where
 * none is in it.
 */
export function viabilityOf(
  factors: readonly Factor[],
  prior: Pick<LanguageModel, 'maxTokens' | 'vocabulary'>,
): Viability | undefined {
  const { maxTokens, vocabulary } = prior;
  const events = factors.filter((f) => f.capabilities.has('boolean'));
  const budget = { maxStates: DEFAULT_MAX_STATES, maxTokens };
  const { machine, included } = jointMachine(events, vocabulary.size, budget);
  if (included.length === 0 || machine.states * (maxTokens + 1) > MAX_TABLE) return undefined;
  return { machine, factors: included, alive: aliveStates(machine, maxTokens) };
}
