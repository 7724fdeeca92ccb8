import type { LanguageModel } from '@postulate/models';
import type { Factor } from '../../port/index.ts';
import { viabilityOf } from '../../viability/index.ts';

/** Length of the shortest prefix of a text that no continuation of positive weight has. */
export type DeadPrefix = (tokens: Int32Array) => number | undefined;

/** Finds dead prefixes by the automata of those factors that are events. */
export function deadPrefixFinder(factors: readonly Factor[], prior: LanguageModel): DeadPrefix {
  const viability = viabilityOf(factors, prior);
  if (!viability) return () => undefined;
  const { machine, alive } = viability;
  const { states, classes, next, classOf } = machine;
  return (tokens) => {
    let state = machine.start;
    for (let t = 0; t < tokens.length; t++) {
      state = next[state * classes + classOf[tokens[t]]];
      if (alive[(t + 1) * states + state] === 0) return t + 1;
    }
    return undefined;
  };
}
