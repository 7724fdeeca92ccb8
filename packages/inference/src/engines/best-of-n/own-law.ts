import { bestOfLaw, klBoundGivenAlive, klFromReturned } from '../../best-of/index.ts';
import { exactDivergences } from '../../diagnostics/index.ts';
import { RunningMoments } from '../../numeric/index.ts';
import type { Estimate } from '../../port/index.ts';
import type { BestOfState } from './state.ts';

/** What is known of the law of the texts returned. */
export interface OwnLaw {
  /** KL(π_n ‖ prior), nats. */
  readonly klToPrior: Estimate | null;
  readonly entropy: Estimate | null;
  /** Divergences from the posterior, where the law is known. */
  readonly divergences: Readonly<Record<string, Estimate>> | undefined;
}

const sure = (value: number): Estimate => ({ value, standardError: 0 });

/** Its law and its distances by listing every text. */
function listedLaw({ listed, options }: BestOfState): OwnLaw | undefined {
  if (listed === undefined) return undefined;
  const { logLaw } = bestOfLaw(listed.listing.logPrior, listed.logFactor, options.n);
  let [entropy, kl] = [0, 0];
  logLaw.forEach((l, i) => {
    if (l === -Infinity) return;
    entropy -= Math.exp(l) * l;
    kl += Math.exp(l) * (l - listed.listing.logPrior[i]);
  });
  const exact = Object.entries(exactDivergences(listed.logP, logLaw));
  return {
    klToPrior: sure(Math.max(0, kl)),
    entropy: sure(entropy),
    divergences: Object.fromEntries(exact.map(([name, value]) => [name, sure(value)])),
  };
}

/**
 * KL(π_n ‖ prior) from the texts returned. Ties count as one reward: the probability of a text's reward is its own prior
 * probability, or the share of the other candidates that have the same weight, whichever is larger.
 */
function estimatedKl(s: BestOfState): Estimate | null {
  const { logFactors } = s.candidates;
  const sameReward = new Map<number, number>();
  for (const f of logFactors) sameReward.set(f, (sameReward.get(f) ?? 0) + 1);
  const moments = new RunningMoments();
  for (const { logPrior, logFactor } of s.best) {
    const others = ((sameReward.get(logFactor) ?? 1) - 1) / (logFactors.length - 1);
    moments.add(klFromReturned(s.options.n, Math.min(1, Math.max(Math.exp(logPrior), others))));
  }
  return moments.count === 0 ? null : { value: moments.mean, standardError: moments.standardError };
}

/** Upper bound of KL(π_n ‖ prior) at the share of dead candidates that was seen. */
export function ownKlBound(s: BestOfState): number {
  return klBoundGivenAlive(s.options.n, s.dead / Math.max(1, s.groups * s.options.n));
}

export function ownLaw(s: BestOfState): OwnLaw {
  return listedLaw(s) ?? { klToPrior: estimatedKl(s), entropy: null, divergences: undefined };
}
