import type { Factor, Target } from '../port/index.ts';
import { DEFAULT_MAX_STATES } from '../machine/index.ts';

/** What making a twist may use; none of it can change an answer. */
export interface TwistOptions {
  /** Most states of any product of automata. */
  readonly maxStates: number;
  /** Most memory for the tables of an exact look-ahead, MiB. */
  readonly maxMemoryMB: number;
  /** Texts of the prior that the learned twist is fitted on. */
  readonly learnedDraws: number;
  /** Texts of the prior that an n-gram table stands for it is fitted on, where it is not finite-state. */
  readonly surrogateDraws: number;
  /** Order of that table: it sees this many tokens less one. */
  readonly surrogateOrder: number;
}

export const TWIST_DEFAULTS: TwistOptions = {
  maxStates: DEFAULT_MAX_STATES,
  maxMemoryMB: 4096,
  learnedDraws: 5000,
  surrogateDraws: 20_000,
  surrogateOrder: 3,
};

/** Everything that is multiplied onto the prior, except moments that are not fitted yet. */
export interface Twisted {
  readonly prior: Target['prior'];
  readonly factors: readonly Factor[];
  /** Whether `factors` is all there is. */
  readonly complete: boolean;
}
