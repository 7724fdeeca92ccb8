import { SOME_TOKEN } from './features.ts';
import { gain } from './gain.ts';
import type { LogLinear } from './log-linear.ts';

/**
 * What can follow each prefix, with its prior mass: the likely tokens one by one, the others by the automaton's state after
 * them. Entries from[k] … to[k] − 1 belong to step k of the trajectories, whose prefix they extend.
 */
export interface Successors {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** V for the end of the text, `SOME_TOKEN` for all tokens that lead to one state and are not listed. */
  readonly tokens: Int32Array;
  readonly states: Int32Array;
  /** log prior mass + all that the automaton has gathered then, nats. */
  readonly logMass: Float64Array;
}

/** Keeps successors of steps as they are drawn. */
export interface SuccessorRecord {
  /** `law` is the prior's row and `proposed` the proposal's, in the plain scale up to `total`. */
  add(step: number, t: number, state: number, gathered: number, law: Float64Array, proposed: Share): void;
  readonly size: number;
  all(): Successors;
}

/** A law in the plain scale that adds up to `total`. */
export interface Share {
  readonly weights: Float64Array;
  readonly total: number;
}

/** A token with at least one part in so many of the proposal's mass is listed; so is every one of a vocabulary as small. */
const LISTED = 64;

export function successorRecord({ machine: m, maxTokens, alive }: LogLinear, steps: number): SuccessorRecord {
  const from = new Int32Array(steps);
  const to = new Int32Array(steps);
  const tokens: number[] = [];
  const states: number[] = [];
  const logMass: number[] = [];
  const end = m.vocabularySize;
  const all = end < LISTED;
  const put = (token: number, state: number, log: number): void => {
    if (log === -Infinity) return;
    tokens.push(token);
    states.push(state);
    logMass.push(log);
  };
  return {
    get size() {
      return tokens.length;
    },
    add(step, t, s, gathered, law, { weights, total }) {
      from[step] = tokens.length;
      const rest = new Map<number, number>();
      for (let w = 0; w < end; w++) {
        const c = m.classOf[w];
        const arc = s * m.classes + c;
        if (law[w] === -Infinity || alive[(t + 1) * m.states + m.next[arc]] !== 1) continue;
        const listed = all || weights[w] * LISTED >= total;
        if (listed) put(w, m.next[arc], law[w] + gathered + gain(m, arc, t + 1 === maxTokens));
        else rest.set(c, (rest.get(c) ?? 0) + Math.exp(law[w]));
      }
      for (const [c, mass] of rest) {
        const arc = s * m.classes + c;
        put(SOME_TOKEN, m.next[arc], Math.log(mass) + gathered + gain(m, arc, t + 1 === maxTokens));
      }
      put(end, s, law[end] + gathered + m.finalEnd[s]);
      to[step] = tokens.length;
    },
    all: () => ({
      ...{ from, to, tokens: Int32Array.from(tokens), states: Int32Array.from(states) },
      logMass: Float64Array.from(logMass),
    }),
  };
}
