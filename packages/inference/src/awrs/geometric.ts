import type { Chooser } from '@postulate/models';
import type { RemainingLaw } from './remaining-law.ts';
import { NOTHING, type RestrictedSampler } from './restricted.ts';

/** Counts of a smaller probability than this are not offered to a chooser that enumerates. */
const LEAST_TAIL = 1e-17;

/**
 * Draws that would have hit a token taken out before the next one that is left, had they been made with replacement:
 * geometric, with success probability `share`. No more than `limit` are counted.
 */
function phantomRejects(share: number, limit: number, chooser: Chooser): number {
  if (share >= 1) return 0;
  const logMiss = Math.log1p(-share);
  if (chooser.uniform) return Math.min(limit, Math.floor(Math.log1p(-chooser.uniform()) / logMiss));
  const most = Math.min(limit, Math.ceil(Math.log(LEAST_TAIL) / logMiss));
  const logWeights = Float64Array.from({ length: most + 1 }, (_, k) => k * logMiss + (k < most ? Math.log(share) : 0));
  return chooser.choose(logWeights);
}

/** Share of the law that is left. */
const shareLeft = (law: RemainingLaw, whole: number): number => Math.min(1, law.mass / whole);

/**
 * Sampling with replacement until the second accept, of which only the draws are made that meet a token not yet
 * rejected; those between are counted by a geometric number. With n rejects in all, Ẑ = 1/(n + 1), which is unbiased under
 * the negative binomial law of n (`algorithms.md` 4.8, weighted rejection sampling with L = 1). Stopped at the M-th reject
 * after one accept it is 1/M.
 */
export const geometricSampler: RestrictedSampler = (law, ok, { maxRejects }, chooser) => {
  const whole = law.mass;
  let first = -1;
  let rejects = 0;
  for (;;) {
    if (law.mass === 0) return NOTHING;
    rejects += phantomRejects(shareLeft(law, whole), maxRejects - rejects, chooser);
    if (rejects >= maxRejects) break;
    const token = law.draw(chooser);
    if (token === first || ok(token)) {
      if (first !== -1) return { token: first, mass: whole / (rejects + 1) };
      first = token;
    } else {
      law.remove(token);
      rejects++;
    }
  }
  return first === -1 ? NOTHING : { token: first, mass: whole / maxRejects };
};
