import type { Chooser } from '@postulate/models';

/** An index with probability ∝ exp(logs[i]); −1 where every entry is `-Infinity`. */
export function chooseLog(logs: ArrayLike<number>, chooser: Chooser): number {
  for (let i = 0; i < logs.length; i++) if (logs[i] > -Infinity) return chooser.choose(logs);
  return -1;
}
