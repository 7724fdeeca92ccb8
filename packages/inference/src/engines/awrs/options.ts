/** Options of adaptive weighted rejection sampling: they change cost and variance, never the target. */
export interface AwrsOptions {
  readonly particles: number;
  readonly runs: number;
  readonly essThreshold: number;
  readonly resampling: string;
  readonly estimator: string;
  readonly maxRejects: number;
  readonly remember: boolean;
  readonly proposal: string;
  readonly ancestry: boolean;
}

export const AWRS_DEFAULTS: AwrsOptions = {
  particles: 100,
  runs: 0,
  essThreshold: 0.5,
  resampling: 'systematic',
  estimator: 'recursive',
  maxRejects: 0,
  remember: true,
  proposal: 'prior',
  ancestry: false,
};

export const AWRS_OPTION_HELP: Readonly<Record<keyof AwrsOptions, string>> = {
  particles: 'texts grown side by side in one run',
  runs: 'independent runs; 0 for one for each draw, at least 32, as far as 20,000 particles go',
  essThreshold:
    'resample where the effective sample size falls below this share of the particles; 0 for never, above 1 for always',
  resampling: 'systematic, stratified, residual or multinomial',
  estimator: 'how the mass of the allowed tokens is estimated, without bias: recursive, trace or geometric',
  maxRejects: 'rejected tokens after which a particle is given up with weight 0; 0 for no limit',
  remember: 'keep verdicts by automaton state, and leave out tokens found forbidden; false: test each token anew',
  proposal: 'engine whose law next tokens are drawn from and corrected, in place of the prior',
  ancestry: 'keep the ancestry of every run for reports, not only of the first',
};
