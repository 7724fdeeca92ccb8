import type { TokenMachine } from '@postulate/models';
import { aliveStates } from '../machine/index.ts';
import { gatherFloats } from '../numeric/index.ts';
import { Followers } from './followers.ts';
import type { Twist, TwistSession } from './twist.ts';

/**
 * What a prefix has gathered: ψ = exp(outputs so far), and 0 where the automaton has no continuation left. At the end
 * of a text it is the product of the factors that have machines.
 */
export function prefixTwist(machine: TokenMachine, maxTokens: number, exact: boolean): Twist {
  const known = latest.get(machine);
  if (known?.maxTokens === maxTokens && known.twist.exact === exact) return known.twist;
  const alive = aliveStates(machine, maxTokens);
  const phases = phasesOf(alive, machine.states, maxTokens);
  const open = (size: number): TwistSession => openPrefix(machine, maxTokens, { alive, phases }, size);
  const twist: Twist = { name: 'prefix', exact, open };
  latest.set(machine, { maxTokens, twist });
  return twist;
}

/** The last twist of each machine: short runs on one target are many, and what they share is kept with it. */
const latest = new WeakMap<TokenMachine, { readonly maxTokens: number; readonly twist: Twist }>();

interface Lives {
  readonly alive: Uint8Array;
  /** Number of the stretch of positions, all with the same living states after the next token, that each position is in. */
  readonly phases: Int32Array;
}

function phasesOf(alive: Uint8Array, states: number, maxTokens: number): Int32Array {
  const phases = new Int32Array(maxTokens + 1);
  for (let t = 1; t <= maxTokens; t++) {
    // The token after which a text is stopped counts otherwise than those before.
    let differs = t + 1 >= maxTokens;
    for (let s = 0; s < states && !differs; s++) differs = alive[t * states + s] !== alive[(t + 1) * states + s];
    phases[t] = phases[t - 1] + (differs ? 1 : 0);
  }
  return phases;
}

function openPrefix(m: TokenMachine, maxTokens: number, { alive, phases }: Lives, size: number): TwistSession {
  const rows = new Followers(m, maxTokens, size);
  const byClass = new Float64Array(m.classes);
  let logValues = new Float64Array(size);
  const refresh = (): void => {
    for (let i = 0; i < logValues.length; i++) {
      if (rows.ended[i] === 0)
        logValues[i] = alive[rows.t * m.states + rows.state[i]] === 1 ? rows.partial[i] : -Infinity;
    }
  };
  refresh();
  const write = (row: number, gathered: number, out: Float64Array): void => {
    const { t } = rows;
    const s = rows.state[row];
    for (let c = 0; c < m.classes; c++) {
      const arc = s * m.classes + c;
      const lives = t < maxTokens && alive[(t + 1) * m.states + m.next[arc]] === 1;
      const stop = t + 1 === maxTokens ? m.finalStop[m.next[arc]] : 0;
      byClass[c] = lives ? gathered + (m.output?.[arc] ?? 0) + stop : -Infinity;
    }
    for (let w = 0; w < m.vocabularySize; w++) out[w] = byClass[m.classOf[w]];
    out[m.vocabularySize] = t < maxTokens ? gathered + m.finalEnd[s] : -Infinity;
  };
  return {
    get logValues() {
      return logValues;
    },
    next: (row, out) => write(row, rows.partial[row], out),
    shared: {
      keys: (phases[maxTokens] + 1) * m.states,
      key: (row) => phases[rows.t] * m.states + rows.state[row],
      shift: (row) => rows.partial[row],
      law: (row, out) => write(row, 0, out),
    },
    advance(tokens) {
      rows.advance(tokens);
      refresh();
    },
    reorder(ancestors) {
      rows.reorder(ancestors);
      logValues = gatherFloats(logValues, ancestors);
    },
  };
}
