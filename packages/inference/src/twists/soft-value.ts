import { logSumExp } from '../numeric/index.ts';
import { WIDTH } from './features.ts';
import { sumOf, type LogLinear } from './log-linear.ts';
import type { Objective } from './objective.ts';
import type { TrainingSet } from './training-set.ts';

/**
 * Soft values (soft Q-learning; "RL" in Zhao et al. 2024, arXiv 2404.17546): log ψ of a prefix is drawn to what ψ says of the
 * next step,
 *
 *   mean over texts of Σ_t ½ (log ψ(s_t) − y_t)²,     y_t = log Σ_v prior(v | s_t) ψ(s_t v) held fixed,
 *
 * on texts of the proposals as they come, since ψ* solves it under every law of positive mass. The sum over v counts likely
 * tokens one by one and all others as if nothing were known of them.
 *
 * A square cannot bear y = −∞, and of a φ that the features do not tell it would make the geometric mean. So a complete text
 * whose φ the automata do not give is held to φ by φ/ψ − log(φ/ψ) − 1 instead (Itakura & Saito 1968): the same square to second
 * order, with the mean of φ for its minimum and the slope 1 in log ψ where φ = 0. A prefix that nothing can follow has that
 * slope too.
 */
export function softValue(sets: readonly TrainingSet[], ground: Ground): Objective {
  const texts = sets.reduce((s, x) => s + x.trajectories.size, 0);
  return {
    texts,
    gradient(theta, out) {
      out.fill(0);
      for (const x of sets) {
        const { size, maxTokens, counts } = x.trajectories;
        for (let i = 0; i < size; i++) {
          for (let step = i * maxTokens; step < i * maxTokens + counts[i]; step++) {
            const slope = slopeAt(x, ground, i, step, theta) / texts;
            for (let k = step * WIDTH; k < (step + 1) * WIDTH; k++) if (x.ids[k] >= 0) out[x.ids[k]] += slope;
          }
        }
      }
    },
  };
}

type Ground = Omit<LogLinear, 'theta'>;

/** Derivative of a step's loss in log ψ. */
function slopeAt(x: TrainingSet, ground: Ground, i: number, step: number, theta: Float64Array): number {
  const { gathered, rest } = x.trajectories;
  if (x.ended[step] === 1) {
    if (!ground.endsToo) return 0;
    return 1 - Math.exp(rest[i] - ground.level - sumOf(theta, x.ids, step * WIDTH));
  }
  const target = targetAt(x, ground, step, theta);
  if (target === -Infinity) return 1;
  return gathered[step] + ground.level + sumOf(theta, x.ids, step * WIDTH) - target;
}

let terms = new Float64Array(64);

/** log Σ_v prior(v | s) ψ(s v) of the prefix after a step. */
function targetAt(x: TrainingSet, ground: Ground, step: number, theta: Float64Array): number {
  const { from, to, logMass, tokens } = x.trajectories.successors!;
  const count = to[step] - from[step];
  if (terms.length < count) terms = new Float64Array(2 * count);
  const stops = (step % x.trajectories.maxTokens) + 2 === x.trajectories.maxTokens;
  for (let k = from[step]; k < to[step]; k++) {
    const known = (stops || tokens[k] === ground.features.end) && !ground.endsToo;
    terms[k - from[step]] = logMass[k] + (known ? 0 : ground.level + sumOf(theta, x.successorIds, k * WIDTH));
  }
  return logSumExp(terms, count);
}
