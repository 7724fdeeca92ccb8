import {
  CONTROL,
  CONTROL_DEPTH,
  CONTROL_DEPTH_HELP,
  CONTROL_HELP,
  NO_PROPOSAL,
  PROPOSAL_BASE,
  PROPOSAL_BASE_HELP,
  PROPOSAL_HELP,
  PROPOSAL_SHARE,
  PROPOSAL_SHARE_HELP,
  TRAINING_DEFAULTS,
  TRAINING_HELP,
  type TrainingOptions,
} from '../../variational/index.ts';

export interface GdcOptions extends TrainingOptions {
  readonly adaptive: boolean;
  readonly refresh: number;
  readonly baseline: boolean;
  readonly control: string;
  readonly controlDepth: number;
  readonly proposal: string;
  readonly proposalBase: string;
  readonly proposalShare: number;
}

export const GDC_DEFAULTS: GdcOptions = {
  ...TRAINING_DEFAULTS,
  adaptive: true,
  refresh: 10,
  baseline: true,
  control: CONTROL,
  controlDepth: CONTROL_DEPTH,
  proposal: NO_PROPOSAL,
  proposalBase: PROPOSAL_BASE,
  proposalShare: PROPOSAL_SHARE,
};

export const GDC_HELP: Readonly<Record<keyof GdcOptions, string>> = {
  ...TRAINING_HELP,
  adaptive:
    'draw from the policy as it was, and renew it once the policy has come nearer; false: from the policy itself',
  refresh: 'steps between two looks at whether the proposal is to be renewed',
  baseline: 'subtract π/q from the weights, which changes the variance alone',
  control: CONTROL_HELP,
  controlDepth: CONTROL_DEPTH_HELP,
  proposal: PROPOSAL_HELP,
  proposalBase: PROPOSAL_BASE_HELP,
  proposalShare: PROPOSAL_SHARE_HELP,
};
