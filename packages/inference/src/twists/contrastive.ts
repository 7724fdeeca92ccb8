import { logAddExp } from '../numeric/index.ts';
import { addTo, sumOf, type Ground } from './log-linear.ts';
import type { Objective } from './objective.ts';
import type { Group, TrainingSet } from './training-set.ts';

/**
 * Contrastive twist learning (Zhao et al. 2024, arXiv 2404.17546): the gradient in θ of Σ_t KL(σ(x_1:t) ‖ π_t(x_1:t)), π_t ∝
 * prior · ψ_t,
 *
 *   Σ_t { E_π_t[∇ log ψ_t] − E_σ[∇ log ψ_t] }.
 *
 * Both means are over the same trajectories, self-normalised: weights prior · φ / q at the end for σ, and prior · ψ_t / q at
 * step t for π_t, where texts that were complete before step t keep prior · φ / q. Features being 0 or 1, it compares how
 * frequent they are under σ and π_t, and the objective is convex in θ. Sets count by their effective numbers of texts.
 */
export function contrastive(sets: readonly TrainingSet[], ground: Ground): Objective {
  const texts = sets.reduce((s, x) => s + x.ess, 0);
  const parts = sets
    .filter((x) => x.ess > 0)
    .map((x) => ({ x, share: x.ess / texts, logs: new Float64Array(x.groups.length) }));
  return {
    texts,
    gradient(theta, gradient, scale) {
      gradient.fill(0);
      scale.fill(0);
      const more = new Float64Array(gradient.length);
      for (const { x, share, logs } of parts) {
        const totals = logTotals(x, ground, theta, logs);
        x.groups.forEach((g, k) => {
          if (!hasFeatures(g, ground)) return;
          const negative = logs[k] === -Infinity ? 0 : Math.exp(logs[k] - totals[g.step]);
          addTo(gradient, g.ids, share * (negative - g.positive));
          addTo(scale, g.ids, g.ids.length * share * negative);
          addTo(more, g.ids, g.ids.length * share * g.positive);
        });
      }
      for (let k = 0; k < more.length; k++) scale[k] = Math.max(scale[k], more[k]);
    },
  };
}

/** Whether log ψ of a group depends on θ. */
const hasFeatures = ({ place }: Group, { endsToo }: Ground): boolean => place.ended === 0 || endsToo;

/** Writes log of prior · ψ / q of each group; gives log of its sum at each step, complete texts included. */
function logTotals(x: TrainingSet, ground: Ground, theta: Float64Array, out: Float64Array): Float64Array {
  const totals = x.logComplete.slice();
  x.groups.forEach((g, k) => {
    out[k] = g.logMass + (hasFeatures(g, ground) ? ground.level + sumOf(theta, g.ids, 0, g.ids.length) : 0);
    totals[g.step] = logAddExp(totals[g.step], out[k]);
  });
  return totals;
}
