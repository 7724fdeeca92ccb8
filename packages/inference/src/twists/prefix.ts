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
  const alive = aliveStates(machine, maxTokens);
  return { name: 'prefix', exact, open: (size) => openPrefix(machine, maxTokens, alive, size) };
}

function openPrefix(m: TokenMachine, maxTokens: number, alive: Uint8Array, size: number): TwistSession {
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
  return {
    get logValues() {
      return logValues;
    },
    next(row, out) {
      const { t } = rows;
      const s = rows.state[row];
      const partial = rows.partial[row];
      for (let c = 0; c < m.classes; c++) {
        const arc = s * m.classes + c;
        const lives = t < maxTokens && alive[(t + 1) * m.states + m.next[arc]] === 1;
        const stop = t + 1 === maxTokens ? m.finalStop[m.next[arc]] : 0;
        byClass[c] = lives ? partial + (m.output?.[arc] ?? 0) + stop : -Infinity;
      }
      for (let w = 0; w < m.vocabularySize; w++) out[w] = byClass[m.classOf[w]];
      out[m.vocabularySize] = t < maxTokens ? partial + m.finalEnd[s] : -Infinity;
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
