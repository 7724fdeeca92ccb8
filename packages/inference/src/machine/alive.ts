import type { TokenMachine } from '@postulate/models';

/**
 * Where a machine can still reach a value above −∞: entry `t · states + s` is 1 if it can from state `s` after `t` tokens, by
 * what is left of `maxTokens`. Any token and the end of sequence count as possible, so a 0 is a proof and a 1 is not.
 */
export function aliveStates(m: TokenMachine, maxTokens: number): Uint8Array {
  const { states, classes, next, output, finalEnd, finalStop } = m;
  const alive = new Uint8Array(states * (maxTokens + 1));
  for (let s = 0; s < states; s++) alive[maxTokens * states + s] = finalStop[s] > -Infinity ? 1 : 0;
  for (let t = maxTokens - 1; t >= 0; t--) {
    for (let s = 0; s < states; s++) {
      let lives = finalEnd[s] > -Infinity;
      for (let arc = s * classes; arc < (s + 1) * classes && !lives; arc++) {
        lives = alive[(t + 1) * states + next[arc]] === 1 && output?.[arc] !== -Infinity;
      }
      alive[t * states + s] = lives ? 1 : 0;
    }
  }
  return alive;
}
