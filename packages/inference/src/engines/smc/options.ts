import { LEARNING_HELP, TWIST_DEFAULTS } from '../../twists/index.ts';

/** Options of sequential Monte Carlo: they change cost and variance, never the target. */
export interface SmcOptions {
  readonly particles: number;
  readonly runs: number;
  readonly essThreshold: number;
  readonly resampling: string;
  readonly expansion: number;
  readonly twist: string;
  readonly surrogateDraws: number;
  readonly surrogateOrder: number;
  readonly proposal: string;
  readonly pimh: boolean;
  readonly bounds: boolean;
  readonly ancestry: boolean;
  readonly learnedDraws: number;
  readonly learnedRounds: number;
  readonly learnedUpdates: number;
  readonly learnedRate: number;
}

export const SMC_DEFAULTS: SmcOptions = {
  particles: 100,
  runs: 0,
  essThreshold: 0.5,
  resampling: 'systematic',
  expansion: 0,
  twist: 'auto',
  surrogateDraws: TWIST_DEFAULTS.surrogateDraws,
  surrogateOrder: TWIST_DEFAULTS.surrogateOrder,
  proposal: 'prior',
  pimh: false,
  bounds: false,
  ancestry: false,
  learnedDraws: TWIST_DEFAULTS.learnedDraws,
  learnedRounds: TWIST_DEFAULTS.learnedRounds,
  learnedUpdates: TWIST_DEFAULTS.learnedUpdates,
  learnedRate: TWIST_DEFAULTS.learnedRate,
};

export const SMC_OPTION_HELP: Readonly<Record<keyof SmcOptions, string>> = {
  particles: 'texts grown side by side in one run',
  runs: 'independent runs; 0 for one for each draw, at least 32, as far as 20,000 particles go',
  essThreshold:
    'resample where the effective sample size falls below this share of the particles; 0 for never, above 1 for always',
  resampling: 'systematic, stratified, residual, multinomial, or optimal (without replacement, for expansion)',
  expansion: 'ways in which each particle is extended before particles are chosen; 0 for 3 with optimal, else 1',
  twist:
    'what steers the particles: auto, none, prefix (scores so far), lookahead (exact where it can be), learned, contrastive, soft-value',
  surrogateDraws:
    'texts of the prior that a table is fitted on to look ahead, where it is not finite-state; 0 for 20,000, of a network 2,000',
  surrogateOrder: 'order of that table',
  proposal: 'engine whose law next tokens are drawn from and corrected, in place of the prior',
  pimh: 'draws by particle-independent Metropolis–Hastings over the runs, in place of resampling them',
  bounds: 'bound log Z from both sides, where an exact draw can be had',
  ancestry: 'keep the ancestry of every run for reports, not only of the first',
  ...LEARNING_HELP,
};
