import { fail } from '@postulate/graph';
import { whole } from '../../options/index.ts';
import {
  refuseHard,
  TRAINING_DEFAULTS,
  TRAINING_HELP,
  variationalEngine,
  type TrainingOptions,
} from '../../variational/index.ts';
import { BalanceLearner } from './learner.ts';

export interface BalanceOptions extends TrainingOptions {
  readonly replay: number;
  readonly buffer: number;
  readonly explore: number;
  readonly temperature: number;
}

const DEFAULTS: BalanceOptions = { ...TRAINING_DEFAULTS, replay: 0.25, buffer: 4096, explore: 0.25, temperature: 2 };

/**
 * Trajectory balance with the log Z of each batch (VarGrad, Richter et al. 2020; GFlowNets, Malkin et al. 2022; for language models Hu
 * et al. 2023): half the variance of log γ(x) − log π(x) over a batch, which may come from anywhere. On the policy's own draws its
 * gradient is that of the reverse KL.
 */
export const trajectoryBalanceEngine = variationalEngine<BalanceOptions>({
  name: 'trajectory-balance',
  summary: 'trains a policy by the variance of log γ − log π over own, replayed and tempered texts (VarGrad)',
  defaults: DEFAULTS,
  optionHelp: {
    ...TRAINING_HELP,
    replay: 'share of a batch that is taken from earlier texts',
    buffer: 'texts that are kept for it',
    explore: 'share of a batch that is drawn from the policy at a higher temperature',
    temperature: 'highest temperature of those, drawn anew for each step between 1 and it',
  },
  fitness(target, { guide }) {
    const fit = refuseHard('trajectory-balance', target, 'the squared gap of logs', guide);
    return fit.fits ? { fits: true, note: 'reverse KL on its own draws; learns from any others too' } : fit;
  },
  check({ replay, explore, temperature, buffer }) {
    whole('buffer', buffer);
    if (replay + explore > 1) throw fail('P602', 'replay and explore together are at most 1', { kind: 'usage' });
    if (temperature < 1) throw fail('P602', `temperature is at least 1, found ${temperature}`, { kind: 'usage' });
  },
  learner: (options) => new BalanceLearner(options),
});
