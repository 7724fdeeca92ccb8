import { logSumExp } from '../numeric/index.ts';
import { WIDTH } from './features.ts';
import { sumOf, type LogLinear } from './log-linear.ts';
import type { Objective } from './objective.ts';
import type { TrainingSet } from './training-set.ts';

/**
 * Contrastive twist learning (Zhao et al. 2024, arXiv 2404.17546): the gradient in θ of Σ_t KL(σ(x_1:t) ‖ π_t(x_1:t)), π_t ∝
 * prior · ψ_t,
 *
 *   Σ_t { E_π_t[∇ log ψ_t] − E_σ[∇ log ψ_t] }.
 *
 * Both means are over the same trajectories, self-normalised: weights prior · φ / q at the end for σ, and prior · ψ_t / q at
 * step t for π_t, where texts that were complete before step t keep prior · φ / q. With features that are 0 or 1 this is
 * what σ and π_t make of their frequencies, and the objective is convex in θ. Sets count by their effective sizes.
 */
export function contrastive(sets: readonly TrainingSet[], ground: Ground): Objective {
  const texts = sets.reduce((s, x) => s + x.ess, 0);
  const shares = sets.map((x) => (texts === 0 ? 0 : x.ess / texts));
  const positive = new Float64Array(ground.features.size);
  sets.forEach((x, k) => addPositive(x, ground, -shares[k], positive));
  return {
    texts,
    gradient(theta, out) {
      out.set(positive);
      sets.forEach((x, k) => {
        for (let j = 0; j < x.trajectories.maxTokens && shares[k] > 0; j++) {
          addNegative(x, ground, j, shares[k], theta, out);
        }
      });
    },
  };
}

type Ground = Omit<LogLinear, 'theta'>;

/** Whether log ψ after a step depends on θ. */
const hasFeatures = ({ ended }: TrainingSet, { endsToo }: Ground, step: number): boolean => ended[step] === 0 || endsToo;

function addTo(out: Float64Array, ids: Int32Array, at: number, amount: number): void {
  for (let k = at; k < at + WIDTH; k++) if (ids[k] >= 0) out[ids[k]] += amount;
}

function addPositive(x: TrainingSet, ground: Ground, share: number, out: Float64Array): void {
  const { size, maxTokens, counts } = x.trajectories;
  for (let i = 0; i < size; i++) {
    if (x.positives[i] === 0) continue;
    for (let step = i * maxTokens; step < i * maxTokens + counts[i]; step++) {
      if (hasFeatures(x, ground, step)) addTo(out, x.ids, step * WIDTH, share * x.positives[i]);
    }
  }
}

/** The means under π of step `j` (from 0). */
function addNegative(
  x: TrainingSet,
  ground: Ground,
  j: number,
  share: number,
  theta: Float64Array,
  out: Float64Array,
): void {
  const { size, maxTokens, counts, logRatio, gathered, logWeight } = x.trajectories;
  const logs = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const step = i * maxTokens + j;
    if (j >= counts[i]) logs[i] = logWeight[i];
    else {
      logs[i] = logRatio[step] + gathered[step];
      if (hasFeatures(x, ground, step)) logs[i] += ground.level + sumOf(theta, x.ids, step * WIDTH);
    }
  }
  const total = logSumExp(logs);
  if (total === -Infinity) return;
  for (let i = 0; i < size; i++) {
    const step = i * maxTokens + j;
    if (j >= counts[i] || !hasFeatures(x, ground, step) || logs[i] === -Infinity) continue;
    addTo(out, x.ids, step * WIDTH, share * Math.exp(logs[i] - total));
  }
}
