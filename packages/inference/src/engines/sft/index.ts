import { fail } from '@postulate/graph';
import { whole } from '../../options/index.ts';
import { TRAINING_DEFAULTS, TRAINING_HELP, variationalEngine, type TrainingOptions } from '../../variational/index.ts';
import { SftLearner } from './learner.ts';

export interface SftOptions extends TrainingOptions {
  readonly source: string;
  readonly draws: number;
}

const DEFAULTS: SftOptions = { ...TRAINING_DEFAULTS, source: 'auto', draws: 20_000 };

/**
 * Supervised fine-tuning on draws of another engine: maximum likelihood, which is the forward KL(p̂ ‖ π) from the empirical law of the
 * draws. It is as good as they are many: unlike gdc it never learns what it gave too much probability.
 */
export const sftEngine = variationalEngine<SftOptions>({
  name: 'sft',
  summary: 'trains a policy by maximum likelihood on draws of another engine',
  defaults: DEFAULTS,
  optionHelp: {
    ...TRAINING_HELP,
    source: 'engine whose draws are learned from; its options are written source.NAME',
    draws: 'how many of them',
  },
  fitness: () => ({ fits: true, note: 'forward KL from the draws of the engine source' }),
  check({ draws, source }) {
    whole('draws', draws);
    if (draws < 1) throw fail('P602', 'draws is at least 1', { kind: 'usage' });
    if (source === 'sft') throw fail('P602', 'sft cannot learn from itself', { kind: 'usage' });
  },
  learner: () => new SftLearner(),
});
