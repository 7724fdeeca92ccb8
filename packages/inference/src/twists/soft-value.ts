import { logSumExp } from '../numeric/index.ts';
import { WIDTH } from './features.ts';
import { addTo, sumOf, type Ground } from './log-linear.ts';
import type { Objective } from './objective.ts';
import type { Successors } from './successors.ts';
import type { Group, TrainingSet } from './training-set.ts';

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
  const texts = sets.reduce((s, x) => s + x.texts, 0);
  return {
    texts,
    gradient(theta, gradient, scale) {
      gradient.fill(0);
      scale.fill(0);
      for (const x of sets) {
        for (const g of x.groups) {
          const slope = slopeOf(x, g, ground, theta) / texts;
          addTo(gradient, g.ids, slope);
          addTo(scale, g.ids, g.ids.length * Math.max(g.count / texts, g.place.ended === 1 ? -slope : 0));
        }
      }
    },
  };
}

/** Derivative of the loss of a group's texts in log ψ. */
function slopeOf(x: TrainingSet, g: Group, ground: Ground, theta: Float64Array): number {
  const log = ground.level + sumOf(theta, g.ids, 0, g.ids.length);
  if (g.place.ended === 1) return ground.endsToo ? g.count - Math.exp(Math.min(MOST, g.logRest - log)) : 0;
  const target = targetOf(x.successors!, g, ground, theta);
  return g.count * (target === -Infinity ? 1 : log - target);
}

/** Beyond this many nats φ / ψ is as good as infinite. */
const MOST = 300;

let terms = new Float64Array(64);

/** log Σ_v prior(v | s) ψ(s v) less what the automaton has gathered before. */
function targetOf(
  x: Successors,
  g: Group,
  { features, maxTokens, level, endsToo }: Ground,
  theta: Float64Array,
): number {
  const from = x.from[g.list];
  const count = x.from[g.list + 1] - from;
  if (terms.length < count) terms = new Float64Array(2 * count);
  const stops = g.place.t + 1 === maxTokens;
  for (let k = 0; k < count; k++) {
    const known = (stops || x.tokens[from + k] === features.end) && !endsToo;
    terms[k] =
      x.logMass[from + k] + (known ? 0 : level + sumOf(theta, g.successorIds, k * (WIDTH + 1), (k + 1) * (WIDTH + 1)));
  }
  return sumOf(theta, g.ids, WIDTH, g.ids.length) + logSumExp(terms, count);
}
