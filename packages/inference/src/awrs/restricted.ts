import type { Chooser } from '@postulate/models';
import type { RemainingLaw } from './remaining-law.ts';

/** A token that passed its test, properly weighted. */
export interface Restricted {
  /** −1 where none passed. */
  readonly token: number;
  /**
   * Estimate Ẑ of the mass of all tokens that pass, with E[Ẑ · 1{token = a}] = p(a) · ok(a) for every a; 0 where none passed.
   * Linear scale.
   */
  readonly mass: number;
}

export interface RestrictedOptions {
  /** Rejected tokens that end the search: without an accept by then the weight is 0. `Infinity` for no limit. */
  readonly maxRejects: number;
}

/**
 * Draws from a next-token law restricted to the tokens that pass a test, testing as few as it can (adaptive weighted
 * rejection sampling, Lipkin et al. 2025, arXiv:2504.05410). `ok` answers the same whenever asked about the same token.
 * The law is used up.
 */
export type RestrictedSampler = (
  law: RemainingLaw,
  ok: (token: number) => boolean,
  options: RestrictedOptions,
  chooser: Chooser,
) => Restricted;

/** Where nothing passed. */
export const NOTHING: Restricted = { token: -1, mass: 0 };
