/** Options of pplm: they choose the law that is drawn from, never the posterior it stands for. */
export interface PplmOptions {
  /** What is aimed at: `auto`, `words` or `classifier`. */
  readonly aim: string;
  /** Words to aim at in place of those in the factors, with commas between. */
  readonly words: string;
  /** Gradient steps a token. 0: 3 for words, 10 for a classifier. */
  readonly iterations: number;
  readonly stepSize: number;
  /** Share of the changed law in the fusion p̃^g · p^(1−g). */
  readonly fusion: number;
  readonly klScale: number;
  /** The power of the gradient's norm that it is divided by. 0: 1.5 for words, 1 for a classifier. */
  readonly gamma: number;
  /** How many of the most recent positions are changed; 0 for all. */
  readonly window: number;
  /** Change the newest position of the window most, the oldest least. */
  readonly decay: boolean;
  /** Only the likeliest tokens of the fused law; 0 for all. */
  readonly topK: number;
  readonly samples: number;
  readonly batch: number;
}

export const DEFAULTS: PplmOptions = {
  aim: 'auto',
  words: '',
  iterations: 0,
  stepSize: 0.02,
  fusion: 0.9,
  klScale: 0.01,
  gamma: 0,
  window: 0,
  decay: false,
  topK: 0,
  samples: 0,
  batch: 16,
};

export const OPTION_HELP: Readonly<Record<keyof PplmOptions, string>> = {
  aim: 'what is aimed at: "words" (the strings in the factors), "classifier" (a linear one in the factors), or "auto"',
  words: 'words to aim at in place of those in the factors, with commas between',
  iterations: 'gradient steps a token; 0 for 3 with words and 10 with a classifier',
  stepSize: 'size of a gradient step',
  fusion: 'share g of the changed law in changed^g · prior^(1 − g); 0 is the prior',
  klScale: 'weight of KL(changed law ‖ prior) in the loss',
  gamma: 'power of its norm that a gradient is divided by; 0 for 1.5 with words and 1 with a classifier',
  window: 'how many of the most recent positions are changed; 0 for all',
  decay: 'change the newest position of the window most and the oldest least',
  topK: 'only the likeliest tokens of the fused law are drawn; 0 for all, so that weights can correct every text',
  samples: 'texts drawn, all of which the figures go by; 0 for the draws wanted and at least 100',
  batch: 'texts drawn at a time',
};
