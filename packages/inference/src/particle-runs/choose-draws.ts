import { normaliseWeights } from '../diagnostics/index.ts';
import type { Draw } from '../port/index.ts';
import { shuffle, systematicResample } from '../resampling/index.ts';
import { drawAt } from './pick.ts';
import type { ChosenDraws, RunsState } from './state.ts';

/**
 * Draws for handing out: a run as often as its Ẑ says, and within a run particles by their weights. With as many runs as
 * draws most come from different runs, and those are independent of each other.
 */
export function chooseDraws(s: RunsState): ChosenDraws {
  const runs = normaliseWeights(Float64Array.from(s.runs, (r) => r.logZ));
  const wanted = s.request.draws;
  if (wanted === 0 || runs.every((w) => w === 0)) return { draws: [], distinctRuns: 0, acceptanceRate: null };
  const counts = new Int32Array(s.runs.length);
  for (const r of systematicResample(runs, wanted, s.chooser.split('resample'))) counts[r]++;
  const draws: Draw[] = [];
  counts.forEach((count, r) => {
    if (count === 0) return;
    const weights = normaliseWeights(s.runs[r].logWeights);
    const picked = systematicResample(weights, count, s.chooser.split('resample').split(r));
    for (const k of picked) draws.push(drawAt(s.runs[r], k));
  });
  // Without a shuffle draws of one run would stand together; an enumerating chooser is spared the orders.
  const identity = Int32Array.from(draws.keys());
  const order = s.chooser.uniform ? shuffle(identity, s.chooser.split('order')) : identity;
  return {
    draws: Array.from(order, (i) => draws[i]),
    distinctRuns: counts.filter((n) => n > 0).length,
    acceptanceRate: null,
  };
}
