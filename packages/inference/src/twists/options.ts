import type { Factor, Target } from '../port/index.ts';
import { DEFAULT_MAX_STATES } from '../machine/index.ts';

/** What making a twist may use; none of it can change an answer. */
export interface TwistOptions {
  /** Most states of any product of automata. */
  readonly maxStates: number;
  /** Most memory for the tables of an exact look-ahead, MiB. */
  readonly maxMemoryMB: number;
  /** Texts that a learned twist is fitted on: draws of the prior, or of its own proposals where it is trained; 0 for 5,000, of a prior that takes its time 2,000. */
  readonly learnedDraws: number;
  /** Rounds in which a trained twist draws texts and is trained on those so far. */
  readonly learnedRounds: number;
  /** Steps of the gradient in each round. */
  readonly learnedUpdates: number;
  /** Size of the steps, in (0, 1]: 1 is the largest that is sure to converge. */
  readonly learnedRate: number;
  /** Texts of the prior that a table is fitted on which stands for it, where it is not finite-state; 0 for 20,000, or 2,000 likewise. */
  readonly surrogateDraws: number;
  /** Order of that table: it sees this many tokens less one. */
  readonly surrogateOrder: number;
}

export const TWIST_DEFAULTS: TwistOptions = {
  maxStates: DEFAULT_MAX_STATES,
  maxMemoryMB: 4096,
  learnedDraws: 0,
  learnedRounds: 5,
  learnedUpdates: 40,
  learnedRate: 1,
  surrogateDraws: 0,
  surrogateOrder: 3,
};

/** Texts that 0 stands for: those of a network come at some hundreds a second. */
export const USUAL_DRAWS = { learned: { many: 5000, few: 2000 }, surrogate: { many: 20_000, few: 2000 } };

/** What the options are, for engines that have them. */
export const LEARNING_HELP = {
  learnedDraws:
    'texts that the twists learned, contrastive and soft-value are fitted on; 0 for 5,000, of a network 2,000',
  learnedRounds: 'rounds in which contrastive and soft-value draw texts and train on those so far',
  learnedUpdates: 'steps of the gradient in each round',
  learnedRate: 'size of those steps, at most 1',
} as const;

/** Everything that is multiplied onto the prior, except moments that are not fitted yet. */
export interface Twisted {
  readonly prior: Target['prior'];
  readonly factors: readonly Factor[];
  /** Whether `factors` is all there is. */
  readonly complete: boolean;
}
