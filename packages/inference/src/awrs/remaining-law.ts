import type { Chooser } from '@postulate/models';

/**
 * What is left of a next-token law while tokens are taken out of it. Drawing and taking out in turn is sampling without
 * replacement, in the order that perturbing every log-probability with Gumbel noise and sorting would give.
 */
export interface RemainingLaw {
  /** Mass of the tokens that are left, never below 0; that of the whole row is 1 up to rounding. */
  readonly mass: number;
  /** Probability that the row gave the token, whether it is left or not. */
  probability(token: number): number;
  /** One of the tokens left, in proportion to its probability; −1 where none is. */
  draw(chooser: Chooser): number;
  /** Takes a token out; one that is out already stays out. */
  remove(token: number): void;
}
