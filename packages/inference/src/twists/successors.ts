import { SOME_TOKEN } from './features.ts';
import { gain } from './gain.ts';
import type { LogLinear } from './log-linear.ts';

/**
 * What can follow each prefix, with its prior mass: the likely tokens one by one, the others by where they lead. Lists are
 * numbered, and prefixes that the prior and the automaton cannot tell apart share one.
 */
export interface Successors {
  /** List of the prefix after each step of the trajectories; −1 where nothing was asked. */
  readonly list: Int32Array;
  /** Entries from[l] … from[l + 1] − 1 are those of list l. */
  readonly from: Int32Array;
  /** V for the end of the text, `SOME_TOKEN` for all tokens of a class that are not listed. */
  readonly tokens: Int32Array;
  /** State of the automaton then. */
  readonly states: Int32Array;
  /** log of the prior's mass + what the automaton gathers by the token, nats. */
  readonly logMass: Float64Array;
}

/** A law in the plain scale that adds up to `total`. */
export interface Share {
  readonly weights: Float64Array;
  readonly total: number;
}

/** A prefix of `t` tokens in an automaton's state, and in a context of the prior where it has such. */
export interface Prefix {
  readonly t: number;
  readonly state: number;
  readonly context: number | undefined;
}

/** Keeps successors of steps as they are drawn. */
export interface SuccessorRecord {
  /** `law` is the prior's row, in logs; `proposed` tells which tokens are likely. */
  add(step: number, prefix: Prefix, law: Float64Array, proposed: Share): void;
  all(): Successors;
}

/** A token with at least one part in so many of the proposal's mass is listed; so is every one of a vocabulary as small. */
export const LISTED = 32;

export function successorRecord(model: LogLinear, steps: number): SuccessorRecord {
  const list = new Int32Array(steps).fill(-1);
  const known = new Map<string, number>();
  const lists: Entries = { from: [0], tokens: [], states: [], logMass: [] };
  const small = model.machine.vocabularySize < LISTED;
  return {
    add(step, prefix, law, proposed) {
      const key = small && prefix.context !== undefined ? `${prefix.t},${prefix.state},${prefix.context}` : undefined;
      const found = key === undefined ? undefined : known.get(key);
      list[step] = found ?? lists.from.length - 1;
      if (found !== undefined) return;
      addList(model, prefix, law, small ? { weights: law, total: -Infinity } : proposed, lists);
      if (key !== undefined) known.set(key, list[step]);
    },
    all: () => ({
      ...{ list, from: Int32Array.from(lists.from), tokens: Int32Array.from(lists.tokens) },
      ...{ states: Int32Array.from(lists.states), logMass: Float64Array.from(lists.logMass) },
    }),
  };
}

interface Entries {
  readonly from: number[];
  readonly tokens: number[];
  readonly states: number[];
  readonly logMass: number[];
}

function addList(
  { machine: m, maxTokens, alive }: LogLinear,
  { t, state: s }: Prefix,
  law: Float64Array,
  { weights, total }: Share,
  out: Entries,
): void {
  const end = m.vocabularySize;
  const stops = t + 1 === maxTokens;
  const put = (token: number, state: number, log: number): void => {
    if (log === -Infinity) return;
    out.tokens.push(token);
    out.states.push(state);
    out.logMass.push(log);
  };
  const others = new Map<number, number>();
  for (let w = 0; w < end; w++) {
    const c = m.classOf[w];
    const arc = s * m.classes + c;
    if (law[w] === -Infinity || alive[(t + 1) * m.states + m.next[arc]] !== 1) continue;
    if (weights[w] * LISTED >= total) put(w, m.next[arc], law[w] + gain(m, arc, stops));
    else others.set(arc, (others.get(arc) ?? 0) + Math.exp(law[w]));
  }
  for (const [arc, mass] of others) put(SOME_TOKEN, m.next[arc], Math.log(mass) + gain(m, arc, stops));
  put(end, s, law[end] + m.finalEnd[s]);
  out.from.push(out.tokens.length);
}
