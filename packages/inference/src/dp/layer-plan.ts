import type { TokenMachine } from '@postulate/models';

/** What is known of a state at a position before any number is computed. */
export type StateKind =
  /** No text goes through the state at this position. */
  | 'unreached'
  /** Every continuation weighs 0. */
  | 'dead'
  /** Every continuation has the same value. */
  | 'constant'
  | 'live';

/** States of a machine by position, from the automaton alone. Entry (t, s) is at `t · states + s`. */
export interface LayerPlan {
  readonly maxTokens: number;
  readonly states: number;
  readonly kinds: readonly StateKind[];
  /** Value from the state on, for constant ones. */
  readonly constants: Float64Array;
  /** Number of live (position, state) pairs. */
  readonly live: number;
}

/**
 * Walks the machine forward for what is reached and backward for what is settled. `canEnd` is false for priors that
 * never end early, so that `finalEnd` plays no part; `normalised` allows the shortcut for constant states, whose
 * weight is then exp(value) in every context.
 */
export function planLayers(m: TokenMachine, maxTokens: number, canEnd: boolean, normalised: boolean): LayerPlan {
  const { states, classes } = m;
  const reached = reachedStates(m, maxTokens);
  const kinds = new Array<StateKind>((maxTokens + 1) * states).fill('unreached');
  const constants = new Float64Array((maxTokens + 1) * states);
  let live = 0;
  for (let s = 0; s < states; s++) {
    if (reached[maxTokens * states + s] === 0) continue;
    kinds[maxTokens * states + s] = m.finalStop[s] === -Infinity ? 'dead' : 'constant';
    constants[maxTokens * states + s] = m.finalStop[s];
  }
  for (let t = maxTokens - 1; t >= 0; t--) {
    for (let s = 0; s < states; s++) {
      if (reached[t * states + s] === 0) continue;
      const end = canEnd ? m.finalEnd[s] : undefined;
      let low = end ?? Infinity;
      let high = end ?? -Infinity;
      for (let c = 0; c < classes; c++) {
        const arc = s * classes + c;
        const after = (t + 1) * states + m.next[arc];
        const isDead = kinds[after] === 'dead' || m.output?.[arc] === -Infinity;
        const value = isDead ? -Infinity : kinds[after] === 'live' ? NaN : (m.output?.[arc] ?? 0) + constants[after];
        // NaN makes both comparisons below fail for good.
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      const at = t * states + s;
      kinds[at] = high === -Infinity ? 'dead' : normalised && low === high ? 'constant' : 'live';
      constants[at] = high;
      if (kinds[at] === 'live') live++;
    }
  }
  return { maxTokens, states, kinds, constants, live };
}

function reachedStates(m: TokenMachine, maxTokens: number): Uint8Array {
  const reached = new Uint8Array((maxTokens + 1) * m.states);
  reached[m.start] = 1;
  for (let t = 0; t < maxTokens; t++) {
    for (let s = 0; s < m.states; s++) {
      if (reached[t * m.states + s] === 0) continue;
      for (let c = 0; c < m.classes; c++) reached[(t + 1) * m.states + m.next[s * m.classes + c]] = 1;
    }
  }
  return reached;
}
