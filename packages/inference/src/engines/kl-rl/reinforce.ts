import { andThen } from '../../bind/index.ts';
import {
  ascend,
  drawSteered,
  hardDraw,
  logGamma,
  NO_MEMORY,
  OthersMeans,
  type Drawn,
  type Learner,
  type StepFigures,
} from '../../variational/index.ts';
import { stepByRows } from './by-rows.ts';

/**
 * REINFORCE on R(x) = log φ(x) − (log π(x) − log prior(x)), held fixed while it is differentiated (`algorithms.md` 2.1); with full rows of
 * a law to go by (`control`) the divergence from it is exact token by token along the texts (2.6).
 */
export const reinforceLearner: Learner = {
  step: (t, chooser) =>
    andThen(drawSteered(t, t.policy.laws, chooser), ({ drawn: all, logOwn: logPi }) => {
      const drawn = hardDraw(t, all, logPi);
      const weights = logPi.map((l, i) => Math.exp(l - drawn.logQ[i]));
      const elbos = elbosOf(drawn, logPi);
      const bound = mean(elbos);
      const update =
        t.controls === undefined
          ? ascend(t, drawn, centred(drawn, elbos, weights))
          : stepByRows(t, drawn, t.controls, weights);
      return andThen(update, (info): StepFigures => ({
        ...{ drawn, logPi, onPolicy: t.proposals === undefined, info, loss: -bound, bound },
      }));
    }),
  save: () => NO_MEMORY,
  load: () => undefined,
};

/** π/q · (log γ − log π) of each text, whose mean is the bound. */
const elbosOf = (drawn: Drawn, logPi: Float64Array): Float64Array =>
  logPi.map((l, i) => (l === -Infinity ? 0 : Math.exp(l - drawn.logQ[i]) * (logGamma(drawn, i) - l)));

const mean = (values: Float64Array): number => values.reduce((s, x) => s + x, 0) / values.length;

/**
 * (wᵢ Rᵢ − wᵢ b) / n of the returns w R, w = π/q. The gradient's mean is the same for every b that text i is no part of, since
 * E_q[w ∇ log π] = 0; its variance is least, but for the norms of ∇ log π, for b = E[w² R] / E[w²] (Greensmith, Bartlett & Baxter 2004),
 * which the others estimate. On policy that is their mean.
 */
function centred({ groups }: Drawn, returns: Float64Array, weights: Float64Array): Float64Array {
  const out = new Float64Array(returns.length);
  const returned = (i: number): number => (weights[i] === 0 ? 0 : returns[i] / weights[i]);
  for (const { from, to } of groups) {
    const others = new OthersMeans();
    for (let i = from; i < to; i++) others.add(0, weights[i] ** 2, returned(i));
    for (let i = from; i < to; i++) {
      const b = others.without(0, weights[i] ** 2, returned(i)) ?? 0;
      out[i] = (returns[i] - weights[i] * b) / returns.length;
    }
  }
  return out;
}
