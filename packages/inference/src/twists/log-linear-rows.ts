import { SOME_TOKEN, WIDTH, type Place } from './features.ts';
import { gain } from './gain.ts';
import { scoreOf, type LogLinear } from './log-linear.ts';

/** Numbers that kept rows may hold. */
const MOST_NUMBERS = 2_000_000;

/** What a log-linear twist says of every next token, row by row; rows are kept while there is room. */
export interface LogLinearRows {
  /** log ψ of each next token and of the end, less what the automaton has gathered before; length V + 1. */
  row(t: number, state: number, token: number, before: number): Float64Array;
  /** Rows of one key are the same; keys are below `keys`. */
  readonly keys: number;
  key(t: number, state: number, token: number, before: number): number;
}

export function logLinearRows(model: LogLinear): LogLinearRows {
  const { machine, maxTokens, endsToo } = model;
  const symbols = machine.vocabularySize + 1;
  const kept = new Map<number, Float64Array>();
  const most = Math.max(1, Math.floor(MOST_NUMBERS / symbols));
  // Only the end of a text looks at both of the tokens before it.
  const key = (t: number, s: number, token: number, before: number): number => {
    const short = (t * machine.states + s) * symbols + token + 1;
    return endsToo ? short * symbols + before + 1 : short;
  };
  return {
    keys: (maxTokens + 1) * machine.states * symbols * (endsToo ? symbols : 1),
    key,
    row(t, state, token, before) {
      const at = key(t, state, token, before);
      let row = kept.get(at);
      if (row === undefined) {
        if (kept.size >= most) kept.clear();
        kept.set(at, (row = makeRow(model, t, state, token, before)));
      }
      return row;
    },
  };
}

function makeRow(model: LogLinear, t: number, s: number, token: number, before: number): Float64Array {
  const { machine: m, maxTokens, alive, endsToo } = model;
  const out = new Float64Array(m.vocabularySize + 1);
  const ended = t + 1 === maxTokens ? 1 : 0;
  const scratch = new Int32Array(WIDTH);
  const targets = new Set<number>();
  const byClass = new Float64Array(m.classes).fill(-Infinity);
  for (let c = 0; c < m.classes; c++) {
    const to = m.next[s * m.classes + c];
    if (alive[(t + 1) * m.states + to] !== 1) continue;
    const some = { t: t + 1, state: to, token: SOME_TOKEN, before: token, ended };
    byClass[c] = gain(m, s * m.classes + c, ended === 1) + scoreOf(model, some, scratch);
    targets.add(to);
  }
  for (let w = 0; w < m.vocabularySize; w++) out[w] = byClass[m.classOf[w]];
  if (ended === 0 || endsToo) {
    for (const to of targets)
      addTokens(model, s, { t: t + 1, state: to, token: SOME_TOKEN, before: token, ended }, out);
  }
  const { tokens, ids } = model.features.tallied;
  for (let k = 0; k < tokens.length; k++) if (ids[k] < model.theta.length) out[tokens[k]] += model.theta[ids[k]];
  const end = { t, state: s, token, before, ended: 1 };
  out[m.vocabularySize] = m.finalEnd[s] === -Infinity ? -Infinity : m.finalEnd[s] + scoreOf(model, end, scratch);
  return out;
}

/** Adds what is known of the tokens that lead from state `s` to a place. */
function addTokens({ machine: m, features, theta }: LogLinear, s: number, place: Place, out: Float64Array): void {
  for (const { tokens, ids } of features.byToken(place)) {
    for (let k = 0; k < tokens.length; k++) {
      const w = tokens[k];
      if (w >= 0 && ids[k] < theta.length && m.next[s * m.classes + m.classOf[w]] === place.state) {
        out[w] += theta[ids[k]];
      }
    }
  }
}
