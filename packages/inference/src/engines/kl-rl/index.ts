import { refuseHard, variationalEngine } from '../../variational/index.ts';
import { checkKlRl, KL_RL_DEFAULTS, KL_RL_HELP } from './options.ts';
import { PpoLearner } from './ppo.ts';
import { reinforceLearner } from './reinforce.ts';

/**
 * KL-regularised reinforcement learning is variational inference (Korbak, Perez & Buckley 2022): with J = E_π[log φ] − KL(π ‖ prior),
 * J = log Z − KL(π ‖ p), so that its maximum is the policy nearest to the posterior in reverse KL and J is a lower bound of log Z.
 */
export const klRlEngine = variationalEngine({
  name: 'kl-rl',
  summary: 'trains a policy by reverse KL(π ‖ p): KL-regularised RL, whose return bounds log Z from below',
  defaults: KL_RL_DEFAULTS,
  optionHelp: KL_RL_HELP,
  fitness(target, { guide }) {
    const fit = refuseHard('kl-rl', target, 'the reverse KL(π ‖ p)', guide);
    return fit.fits ? { fits: true, note: 'reverse KL: seeks modes; ELBO as lower bound of log Z' } : fit;
  },
  check: checkKlRl,
  learner: (options) => (options.method === 'ppo' ? new PpoLearner(options) : reinforceLearner),
});
