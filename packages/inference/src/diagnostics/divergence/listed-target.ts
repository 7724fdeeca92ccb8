import { factorsOf } from '../../bind/density.ts';
import { addLogs, evaluateListing, listSupport, weightOf, type Listing, type Problem } from '../../dp/index.ts';
import type { Target } from '../../port/index.ts';

/** Every text of positive prior probability, with its logs; nats. */
export interface ListedTarget {
  readonly listing: Listing;
  /** Σ log φ(x), `-Infinity` where a factor is zero. */
  readonly logFactor: Float64Array;
  /** log γ(x) = log prior(x) + log factor(x). */
  readonly logP: Float64Array;
}

/** Lists a target whose moments are fitted; undefined where its prior has more than `limit` texts. */
export async function listTarget(target: Target, limit: number): Promise<ListedTarget | undefined> {
  const { name, prior } = target;
  const problem: Problem = { name, prior, named: [], factors: factorsOf(target) };
  const listing = await listSupport(prior, limit);
  if (listing === undefined) return undefined;
  const work = evaluateListing(problem, listing, problem.factors.map(weightOf));
  for (;;) {
    const { done, value } = await work.next();
    if (done !== true) continue;
    const logFactor = addLogs(listing.size, value);
    return { listing, logFactor, logP: addLogs(listing.size, [listing.logPrior, logFactor]) };
  }
}
