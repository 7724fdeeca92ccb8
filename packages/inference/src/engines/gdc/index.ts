import { checkProposal, variationalEngine } from '../../variational/index.ts';
import { GdcLearner } from './learner.ts';
import { GDC_DEFAULTS, GDC_HELP } from './options.ts';

/**
 * Generation with distributional control (Khalifa, Elsahar & Dymetman 2021; with a baseline Korbak et al. 2022; conditional Korbak et
 * al. 2022b): the policy nearest to the posterior in forward KL(p ‖ π), by (KL-adaptive) distributional policy gradients. Moments are
 * fitted first. Hard constraints are no obstacle: texts of weight zero teach nothing but their baseline.
 */
export const gdcEngine = variationalEngine({
  name: 'gdc',
  summary: 'trains a policy by forward KL(p ‖ π): distributional policy gradients with an adaptive proposal',
  defaults: GDC_DEFAULTS,
  optionHelp: GDC_HELP,
  fitness: () => ({ fits: true, note: 'forward KL: covers the posterior; hard constraints allowed' }),
  check: (options) => checkProposal(options),
  learner: (options) => new GdcLearner(options),
});
