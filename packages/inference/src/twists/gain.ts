import type { TokenMachine } from '@postulate/models';

/** What a transition adds, the value of a text that stops after it included. */
export const gain = (m: TokenMachine, arc: number, stops: boolean): number =>
  (m.output?.[arc] ?? 0) + (stops ? m.finalStop[m.next[arc]] : 0);
