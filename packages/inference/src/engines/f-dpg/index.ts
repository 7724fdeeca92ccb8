import { fail } from '@postulate/graph';
import {
  GENERATORS,
  refuseHard,
  TRAINING_DEFAULTS,
  TRAINING_HELP,
  variationalEngine,
  type Generator,
  type TrainingOptions,
} from '../../variational/index.ts';
import { FDpgLearner } from './learner.ts';

export interface FDpgOptions extends TrainingOptions {
  readonly divergence: string;
}

export const F_DPG_DEFAULTS: FDpgOptions = { ...TRAINING_DEFAULTS, divergence: 'js' };

const NAMES = GENERATORS.map((g) => g.name).join(', ');

function generatorNamed(name: string): Generator {
  const found = GENERATORS.find((g) => g.name === name);
  if (found !== undefined) return found;
  throw fail('P602', `there is no divergence "${name}"`, { help: `divergence is one of ${NAMES}`, kind: 'usage' });
}

/** f-DPG (Go et al. 2023): any f-divergence D_f(π, p) = E_p f(π/p) through one generator f, by ∇ D_f = E_π[f′(π/p) ∇ log π]. */
export const fDpgEngine = variationalEngine<FDpgOptions>({
  name: 'f-dpg',
  summary: 'trains a policy by an f-divergence: Jensen-Shannon, total variation, χ² or KL, either way',
  defaults: F_DPG_DEFAULTS,
  optionHelp: { ...TRAINING_HELP, divergence: `which divergence: ${NAMES}` },
  fitness(target, { divergence, guide }) {
    const { allowsZero } = generatorNamed(divergence);
    if (!allowsZero) return refuseHard('f-dpg', target, `the divergence ${divergence}`, guide);
    return { fits: true, note: 'a divergence of choice; js allows hard constraints' };
  },
  check: ({ divergence }) => void generatorNamed(divergence),
  learner: (options) => new FDpgLearner(generatorNamed(options.divergence)),
});
