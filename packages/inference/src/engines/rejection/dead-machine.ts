import type { LanguageModel } from '@postulate/models';
import { aliveStates, DEFAULT_MAX_STATES, isMachine, sumMachines, type Term } from '../../machine/index.ts';
import type { Factor } from '../../port/index.ts';

/** Length of the shortest prefix of a text that no continuation of positive weight has. */
export type DeadPrefix = (tokens: Int32Array) => number | undefined;

/** Most entries of the table of living states, and most states of a joint machine. */
const MAX_TABLE = 50_000_000;

/**
 * Finds dead prefixes by the joint automaton of those factors that are events. The states from which an accepting end can
 * be reached in the tokens left are computed once, backwards from the forced stop.
 */
export function deadPrefixFinder(factors: readonly Factor[], prior: LanguageModel): DeadPrefix {
  const terms: Term[] = [];
  for (const f of factors) {
    const machine = f.capabilities.has('boolean') ? f.machine() : undefined;
    if (machine && isMachine(machine)) terms.push({ machine, coefficient: 1 });
  }
  const { maxTokens } = prior;
  const joint = terms.length === 0 ? undefined : sumMachines(terms, 0, { maxStates: DEFAULT_MAX_STATES, maxTokens });
  if (!joint || !isMachine(joint) || joint.states * (maxTokens + 1) > MAX_TABLE) return () => undefined;
  const { states, classes, next, classOf } = joint;
  const alive = aliveStates(joint, maxTokens);
  return (tokens) => {
    let state = joint.start;
    for (let t = 0; t < tokens.length; t++) {
      state = next[state * classes + classOf[tokens[t]]];
      if (alive[(t + 1) * states + state] === 0) return t + 1;
    }
    return undefined;
  };
}
