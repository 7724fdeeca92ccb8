import { LEARNING_HELP, TWIST_DEFAULTS } from '../../twists/index.ts';

/** Options of weighted decoding: they choose the law that is drawn from, never the posterior it stands for. */
export interface WeightedDecodingOptions {
  /** The power w in q(v | s) ∝ prior(v | s) · ψ(s v)^w. */
  readonly strength: number;
  /** Power of the factors that the score is made for. */
  readonly sharpen: number;
  readonly scorer: string;
  /** Texts drawn; 0 for the draws wanted and at least 1,000. */
  readonly samples: number;
  readonly batch: number;
  readonly learnedDraws: number;
  readonly learnedRounds: number;
  readonly learnedUpdates: number;
  readonly learnedRate: number;
  readonly surrogateDraws: number;
  readonly surrogateOrder: number;
  readonly maxStates: number;
  readonly maxMemoryMB: number;
}

export const DEFAULTS: WeightedDecodingOptions = {
  strength: 1,
  sharpen: 1,
  scorer: 'auto',
  samples: 0,
  batch: 64,
  ...TWIST_DEFAULTS,
};

export const OPTION_HELP: Readonly<Record<keyof WeightedDecodingOptions, string>> = {
  strength: 'power of the score of a prefix; 1 is the posterior where the score is exact',
  sharpen:
    'power of the factors that the score is made for: above 1, what they favour comes more often than in the posterior',
  scorer:
    'what scores a prefix: "lookahead", "learned", "contrastive", "soft-value", "prefix" (the automata so far), "ratio" (the densities in the factors), "none", or "auto"',
  samples: 'texts drawn, all of which the figures go by; 0 for the draws wanted and at least 1,000',
  batch: 'texts drawn at a time',
  ...LEARNING_HELP,
  surrogateDraws:
    'texts of the prior that a table is fitted on to look ahead, where it is not finite-state; 0 for 20,000, of a network 2,000',
  surrogateOrder: 'order of that table',
  maxStates: 'most states of any product of automata',
  maxMemoryMB: 'most memory for the tables of the look-ahead, MiB',
};
