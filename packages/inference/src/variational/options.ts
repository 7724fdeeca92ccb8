import { fail } from '@postulate/graph';
import { whole } from '../options/index.ts';

/** What every variational engine can be told; none of it moves the target. */
export interface TrainingOptions {
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly schedule: string;
  readonly warmup: number;
  readonly moments: string;
  readonly clip: number;
  readonly positions: boolean;
  readonly rank: number;
  readonly guide: string;
  readonly guideDraws: number;
  readonly guideRate: number;
  readonly contexts: number;
  readonly heldOut: number;
  readonly patience: number;
  readonly samples: number;
}

/** The option `guide` of a policy that is the network or the table alone. */
export const NO_GUIDE = 'none';

export const TRAINING_DEFAULTS: TrainingOptions = {
  steps: 300,
  batch: 512,
  learningRate: 0,
  schedule: 'cosine',
  warmup: 0,
  moments: 'entry',
  clip: 0,
  positions: false,
  rank: 0,
  guide: NO_GUIDE,
  guideDraws: 2000,
  guideRate: 0.02,
  contexts: 0,
  heldOut: 0,
  patience: 0,
  samples: 2000,
};

export const TRAINING_HELP: Readonly<Record<keyof TrainingOptions, string>> = {
  steps: 'gradient steps',
  batch: 'texts drawn for each step',
  learningRate: "step size of Adam; 0 for what suits the prior's policy (0.2 for a table of logits)",
  schedule: 'course of the learning rate: cosine or linear down to 0, or constant',
  warmup:
    'steps over which the learning rate rises to that course: the first steps of Adam are as long as later ones and all noise',
  moments:
    'where the prior is a transformer: second moments of Adam, one for every entry (entry) or one for an array of weights (array)',
  clip: "gradients of a larger norm are scaled down to it; 0 for the policy's own threshold",
  positions: 'where the prior is finite-state: a row of logits for each position of a context',
  rank: 'where the prior is a transformer: rank of low-rank adapters, which are then all that is trained; 0 for all weights',
  guide:
    "what the policy's own logits are added to, what the rest of a text is expected to weigh: by the state of the factors' automaton and the tokens read (states), or by what the policy expects next too (rows); none",
  guideDraws:
    'guide: texts of the prior, for each context, that it is estimated on; rows takes as many again of a law that looks ahead',
  guideRate: 'guide: step size of Adam for its values by state; 0 to leave them as they are estimated',
  contexts: 'contexts that a step draws for, in turn; 0 for all of them',
  heldOut: 'share of the contexts, from the last, that are only evaluated',
  patience: 'stop once the bound has not risen for so many steps; 0 for never',
  samples: 'texts of the policy on which it is measured at the end',
};

const SCHEDULES: Readonly<Record<string, (progress: number) => number>> = {
  cosine: (x) => (1 + Math.cos(Math.PI * x)) / 2,
  linear: (x) => 1 - x,
  constant: () => 1,
};

/** Factor on the learning rate of step `step` (from 0). */
export function rateAt({ schedule, steps, warmup }: TrainingOptions, step: number): number {
  const risen = step + 1 >= warmup ? 1 : (step + 1) / warmup;
  return risen * SCHEDULES[schedule](step / steps);
}

/** Refuses options that no engine can mean (P602). */
export function checkTraining(options: TrainingOptions): void {
  for (const name of ['steps', 'batch', 'warmup', 'rank', 'contexts', 'patience', 'samples'] as const)
    whole(name, options[name]);
  if (options.batch < 2) throw fail('P602', 'batch is at least 2: a baseline needs other texts', { kind: 'usage' });
  if (!Object.hasOwn(SCHEDULES, options.schedule)) {
    throw fail('P602', `schedule is one of ${Object.keys(SCHEDULES).join(', ')}, found ${options.schedule}`, {
      kind: 'usage',
    });
  }
  if (options.moments !== 'entry' && options.moments !== 'array') {
    throw fail('P602', `moments is entry or array, found ${options.moments}`, { kind: 'usage' });
  }
  checkGuide(options);
  if (options.heldOut >= 1)
    throw fail('P602', `heldOut is a share below 1, found ${options.heldOut}`, { kind: 'usage' });
}

function checkGuide({ guide, guideDraws, guideRate }: TrainingOptions): void {
  if (guide !== NO_GUIDE && guide !== 'states' && guide !== 'rows') {
    throw fail('P602', `guide is none, states or rows, found ${guide}`, { kind: 'usage' });
  }
  whole('guideDraws', guideDraws);
  const defaults = TRAINING_DEFAULTS;
  const given = guideDraws !== defaults.guideDraws ? 'guideDraws' : guideRate !== defaults.guideRate ? 'guideRate' : '';
  if (guide !== NO_GUIDE || given === '') return;
  throw fail('P602', `${given} is said of a guide, and there is none: give the option guide`, { kind: 'usage' });
}
