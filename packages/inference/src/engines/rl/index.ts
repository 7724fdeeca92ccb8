import type { Chooser } from '@postulate/models';
import { andThen } from '../../bind/index.ts';
import {
  ascend,
  draw,
  hardDraw,
  leaveOneOut,
  NO_MEMORY,
  refuseHard,
  TRAINING_DEFAULTS,
  TRAINING_HELP,
  variationalEngine,
  type Learner,
  type Training,
  type TrainingOptions,
} from '../../variational/index.ts';

/** REINFORCE on log φ alone. */
const learner: Learner = {
  step: (t: Training, chooser: Chooser) =>
    andThen(draw(t, t.policy.laws, chooser), (drawn) => {
      hardDraw(t, drawn);
      const n = drawn.batch.size;
      const mean = drawn.logFactor.reduce((s, x) => s + x, 0) / n;
      const coefficients = leaveOneOut(drawn.logFactor, drawn.groups).map((a) => a / n);
      return andThen(ascend(t, drawn, coefficients), (info) => ({
        ...{ drawn, logPi: drawn.logQ, onPolicy: true, info, loss: -mean, bound: mean },
      }));
    }),
  save: () => NO_MEMORY,
  load: () => {},
};

/**
 * Reward maximisation without the KL: J = E_π[log φ]. Its optimum puts everything on the texts of the highest reward, whatever the
 * prior thinks of them. Not an approximation of the posterior: it is here to show the collapse (`algorithms.md` 1.1, 2.7).
 */
export const rlEngine = variationalEngine<TrainingOptions>({
  name: 'rl',
  summary: 'maximises the reward alone, without the KL: not this posterior, kept to show how it collapses',
  defaults: TRAINING_DEFAULTS,
  optionHelp: TRAINING_HELP,
  fitness(target, { guide }) {
    const fit = refuseHard('rl', target, 'the loss', guide);
    return fit.fits ? { fits: true, note: 'not this posterior: collapses onto the highest reward' } : fit;
  },
  learner: () => learner,
});
