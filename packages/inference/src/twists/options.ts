import type { Factor, Target } from '../port/index.ts';
import { DEFAULT_MAX_STATES } from '../machine/index.ts';

/** What making a twist may use; none of it can change an answer. */
export interface TwistOptions {
  /** Most states of any product of automata. */
  readonly maxStates: number;
  /** Most memory for the tables of an exact look-ahead, MiB. */
  readonly maxMemoryMB: number;
  /** Texts of the prior that the learned twist is fitted on; 0 for 5,000, of a prior that takes its time 2,000. */
  readonly learnedDraws: number;
  /** Texts of the prior that a table is fitted on which stands for it, where it is not finite-state; 0 for 20,000, or 2,000 likewise. */
  readonly surrogateDraws: number;
  /** Order of that table: it sees this many tokens less one. */
  readonly surrogateOrder: number;
}

export const TWIST_DEFAULTS: TwistOptions = {
  maxStates: DEFAULT_MAX_STATES,
  maxMemoryMB: 4096,
  learnedDraws: 0,
  surrogateDraws: 0,
  surrogateOrder: 3,
};

/** Texts that 0 stands for: those of a network come at some hundreds a second. */
export const USUAL_DRAWS = { learned: { many: 5000, few: 2000 }, surrogate: { many: 20_000, few: 2000 } };

/** Everything that is multiplied onto the prior, except moments that are not fitted yet. */
export interface Twisted {
  readonly prior: Target['prior'];
  readonly factors: readonly Factor[];
  /** Whether `factors` is all there is. */
  readonly complete: boolean;
}
