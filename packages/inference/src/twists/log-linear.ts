import type { TokenMachine } from '@postulate/models';
import { gatherFloats, gatherIntegers } from '../numeric/index.ts';
import { Features, WIDTH, type Place } from './features.ts';
import { Followers } from './followers.ts';
import { logLinearRows } from './log-linear-rows.ts';
import type { Twist, TwistSession } from './twist.ts';

/**
 * log ψ of a prefix = what the joint automaton has gathered + level + Σ θ over the prefix's features, nats; −∞ exactly where
 * the automaton cannot reach a positive weight any more. All θ = 0 is the twist `prefix`.
 */
export interface LogLinear {
  readonly machine: TokenMachine;
  readonly maxTokens: number;
  /** Where the automaton lives, by position and state. */
  readonly alive: Uint8Array;
  readonly features: Features;
  /** Whether complete texts have features: where the automata know all of φ they need none. */
  readonly endsToo: boolean;
  /** log of what φ is on average beyond what the automata gather; 0 where they know all of it. */
  readonly level: number;
  /** By number of the feature; those beyond its length are 0. */
  readonly theta: Float64Array;
}

/** All of it but θ. */
export type Ground = Omit<LogLinear, 'theta'>;

/** log ψ of a place beyond what the automaton has gathered and the tallies of its tokens. */
export function scoreOf({ features, endsToo, level, theta }: LogLinear, place: Place, scratch: Int32Array): number {
  if (place.ended === 1 && !endsToo) return 0;
  features.find(place, scratch, 0);
  return level + sumOf(theta, scratch, 0, WIDTH);
}

/** What one more token adds to the tallies. */
export function tallyOf({ features, theta }: LogLinear, token: number): number {
  const id = features.tallyOf(token);
  return id >= 0 && id < theta.length ? theta[id] : 0;
}

/** Σ θ of the features whose numbers stand in `ids` from `from` to before `to`. */
export function sumOf(theta: Float64Array, ids: Int32Array, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k < to; k++) if (ids[k] >= 0 && ids[k] < theta.length) sum += theta[ids[k]];
  return sum;
}

/** Adds an amount to the entries of features. */
export function addTo(out: Float64Array, ids: Int32Array, amount: number): void {
  for (let k = 0; k < ids.length; k++) if (ids[k] >= 0) out[ids[k]] += amount;
}

/** The twist of fixed weights θ. */
export function logLinearTwist(name: string, model: LogLinear): Twist {
  const rows = logLinearRows(model);
  return { name, exact: false, open: (size) => openLogLinear(model, rows, size) };
}

/** Most keys of laws that rows share: numbered together with the prior's contexts they stay exact. */
const MOST_KEYS = 2 ** 31;

function openLogLinear(model: LogLinear, rows: ReturnType<typeof logLinearRows>, size: number): TwistSession {
  const { machine: m, maxTokens, alive } = model;
  const by = new Followers(m, maxTokens, size);
  const scratch = new Int32Array(WIDTH);
  let before = new Int32Array(size).fill(-1);
  let tally = new Float64Array(size);
  let logValues = new Float64Array(size);
  const placeOf = (i: number): Place => ({
    ...{ t: by.t, state: by.state[i], token: by.last[i], before: before[i] },
    ended: by.t === maxTokens ? 1 : 0,
  });
  const refresh = (): void => {
    for (let i = 0; i < logValues.length; i++) {
      if (by.ended[i] === 1) continue;
      const lives = alive[by.t * m.states + by.state[i]] === 1;
      logValues[i] = lives ? by.partial[i] + tally[i] + scoreOf(model, placeOf(i), scratch) : -Infinity;
    }
  };
  refresh();
  const write = (i: number, gathered: number, out: Float64Array): void => {
    if (by.t >= maxTokens) return void out.fill(-Infinity);
    const row = rows.row(by.t, by.state[i], by.last[i], before[i]);
    for (let v = 0; v < row.length; v++) out[v] = row[v] + gathered;
  };
  return {
    get logValues() {
      return logValues;
    },
    next: (i, out) => write(i, by.partial[i] + tally[i], out),
    ...(rows.keys > MOST_KEYS
      ? {}
      : {
          shared: {
            keys: rows.keys,
            key: (i: number) => rows.key(by.t, by.state[i], by.last[i], before[i]),
            shift: (i: number) => by.partial[i] + tally[i],
            law: (i: number, out: Float64Array) => write(i, 0, out),
          },
        }),
    advance(tokens) {
      for (let i = 0; i < before.length; i++) {
        if (by.ended[i] === 1 || tokens[i] < 0 || tokens[i] >= m.vocabularySize) continue;
        before[i] = by.last[i];
        tally[i] += tallyOf(model, tokens[i]);
      }
      by.advance(tokens);
      refresh();
    },
    reorder(ancestors) {
      by.reorder(ancestors);
      before = gatherIntegers(before, ancestors);
      tally = gatherFloats(tally, ancestors);
      logValues = gatherFloats(logValues, ancestors);
    },
  };
}
