import { RunningMoments } from '../numeric/index.ts';
import type { Estimate } from '../port/index.ts';
import { estimateDivergences } from './divergence/index.ts';

/** Those that are shown; χ² has no place in a comparison. */
const SHOWN = ['tv', 'klForward', 'klReverse', 'js'] as const;

export type LawDivergences = Readonly<Record<(typeof SHOWN)[number], Estimate | null>>;

/**
 * Divergences of the posterior from the law q of what an engine draws, by the log weights γ/q of q's own draws: all that is needed of
 * p and q is their ratio. Those that come out infinite are null, with a reason in `unavailable`. A log Z from
 * elsewhere tells of what q never draws; by default it is that of the draws themselves.
 */
export function lawDivergences(
  logWeights: Float64Array,
  unavailable: Record<string, string>,
  logZ?: Estimate,
): LawDivergences {
  const own = new Float64Array(logWeights.length);
  const report = estimateDivergences({ logP: logWeights, logQ: own, logProposal: own }, { logZ });
  const found: Record<string, Estimate | null> = {};
  for (const name of SHOWN) {
    const e = report[name];
    found[name] = e !== null && Number.isFinite(e.value) ? e : null;
    if (e !== null && found[name] === null) unavailable[name] = 'some texts that are drawn have weight zero';
  }
  return found as LawDivergences;
}

/** Mean and standard error of independent values; null where there are none. */
export function meanOf(values: Iterable<number>): Estimate | null {
  const moments = new RunningMoments();
  for (const v of values) moments.add(v);
  return moments.count === 0 ? null : { value: moments.mean, standardError: moments.standardError };
}
