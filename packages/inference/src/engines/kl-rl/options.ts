import { fail } from '@postulate/graph';
import { whole } from '../../options/index.ts';
import {
  checkProposal,
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

export interface KlRlOptions extends TrainingOptions {
  readonly method: string;
  readonly control: string;
  readonly controlDepth: number;
  readonly epochs: number;
  readonly clipRatio: number;
  readonly proposal: string;
  readonly proposalBase: string;
  readonly proposalShare: number;
}

export const KL_RL_DEFAULTS: KlRlOptions = {
  ...TRAINING_DEFAULTS,
  method: 'reinforce',
  control: CONTROL,
  controlDepth: CONTROL_DEPTH,
  epochs: 4,
  clipRatio: 0.2,
  proposal: NO_PROPOSAL,
  proposalBase: PROPOSAL_BASE,
  proposalShare: PROPOSAL_SHARE,
};

export const KL_RL_HELP: Readonly<Record<keyof KlRlOptions, string>> = {
  ...TRAINING_HELP,
  method: 'reinforce, with the mean of the other texts as baseline; or ppo, with clipped ratios and a value baseline',
  control: `reinforce: ${CONTROL_HELP}`,
  controlDepth: CONTROL_DEPTH_HELP,
  epochs: 'ppo: optimiser steps on each batch',
  clipRatio: 'ppo: how far the probability of a token may move in a step before it counts no more',
  proposal: `reinforce: ${PROPOSAL_HELP}`,
  proposalBase: PROPOSAL_BASE_HELP,
  proposalShare: PROPOSAL_SHARE_HELP,
};

/** Ratios of PPO are those of the policy's own texts (P602); a law given for the run is refused as one that an option names. */
export const proposalRefused = (): Error =>
  fail('P602', 'a proposal goes with method=reinforce alone', { kind: 'usage' });

export function checkKlRl(options: KlRlOptions): void {
  const { method, epochs, proposal, control } = options;
  whole('epochs', epochs);
  checkProposal(options);
  if (proposal !== NO_PROPOSAL && method !== 'reinforce') throw proposalRefused();
  if (control !== CONTROL && method === 'ppo') {
    throw fail('P602', 'control goes with method=reinforce alone', { kind: 'usage' });
  }
  if (method !== 'reinforce' && method !== 'ppo') {
    throw fail('P602', `method is reinforce or ppo, found ${method}`, { kind: 'usage' });
  }
}
