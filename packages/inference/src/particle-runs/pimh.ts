import { flip } from '../chooser/flip.ts';
import type { Draw } from '../port/index.ts';
import { drawAt } from './pick.ts';
import type { ChosenDraws, RunsState } from './state.ts';

/**
 * Particle-independent Metropolis–Hastings (Andrieu, Doucet & Holenstein 2010): each run is proposed and accepted with
 * probability min(1, Ẑ′/Ẑ), and an accepted one gives one particle by weight. The chain leaves the posterior invariant
 * for every number of particles. What runs there are beyond the draws come first, as a warm-up.
 */
export function pimhDraws(s: RunsState): ChosenDraws {
  let logZ = -Infinity;
  let current: { readonly draw: Draw; readonly run: number } | undefined;
  let accepted = 0;
  let moves = 0;
  const states: { readonly draw: Draw; readonly run: number }[] = [];
  const chain = s.chooser.split('pimh');
  s.runs.forEach((run, r) => {
    if (current !== undefined) moves++;
    if (run.logZ > -Infinity && (current === undefined || flip(chain.split(`accept ${r}`), run.logZ - logZ))) {
      if (current !== undefined) accepted++;
      logZ = run.logZ;
      current = { draw: drawAt(run, chain.split(`pick ${r}`).choose(run.logWeights)), run: r };
    }
    if (current !== undefined) states.push(current);
  });
  const kept = states.slice(Math.max(0, states.length - s.request.draws));
  return {
    draws: s.request.draws === 0 ? [] : kept.map((k) => k.draw),
    distinctRuns: new Set(kept.map((k) => k.run)).size,
    acceptanceRate: moves === 0 ? null : accepted / moves,
  };
}
